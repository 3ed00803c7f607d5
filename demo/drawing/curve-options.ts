/** The shape that stands at every point of a curve, so that colour is not the only thing that tells curves apart. */
export type Marker = 'circle' | 'square' | 'triangle' | 'diamond';

/** How a curve looks. */
export interface CurveStyle {
  /** A colour of the style sheet, such as `--accent`. */
  color: string;
  width?: number;
  /** Lengths of dashes and gaps in pixels; solid without. */
  dash?: readonly number[];
  marker?: Marker;
}

/** A horizontal line across the chart, with a text that stands on it at the right or hangs from it at the left. */
export interface LevelLine {
  at: number;
  text: string;
  place: 'above' | 'below';
  color: string;
  dash: readonly number[];
}

export interface CurvesOptions {
  height: number;
  /** From where to where an axis runs, and at which values it has a number. */
  x: Axis;
  y: Axis;
  curves: readonly CurveStyle[];
  lines?: readonly LevelLine[];
}

export interface Axis {
  range: readonly [number, number];
  ticks: readonly number[];
  /** The unit of the numbers, below an axis or beside it. */
  label?: string;
}

/** The points of a curve, from left to right. */
export interface Points {
  x: readonly number[];
  y: readonly number[];
}
