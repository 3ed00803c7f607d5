import type { Axis, CurvesOptions } from './curve-options.ts';

/** The font of numbers and labels. */
export const FONT = '12px system-ui, sans-serif';

/** Where values lie on the canvas of a chart, in pixels of the style sheet. */
export interface PlotFrame {
  context: CanvasRenderingContext2D;
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: (value: number) => number;
  y: (value: number) => number;
}

/** Room above and to the right of the curves, for half of a number of the axes. */
const [ABOVE, BEYOND] = [8, 12];

/** Room for the numbers below and beside the curves, and for a label at the edge. */
export const BELOW = 28;
const [BESIDE, LABEL] = [44, 14];

/** The frame of a chart of this size: what the axes leave of it is for the curves. */
export function frameOf(
  context: CanvasRenderingContext2D,
  [width, height]: readonly [number, number],
  { x, y }: Pick<CurvesOptions, 'x' | 'y'>,
): PlotFrame {
  const left = BESIDE + (y.label ? LABEL : 0);
  const right = width - BEYOND;
  const bottom = height - BELOW - (x.label ? LABEL : 0);
  return {
    context,
    left,
    right,
    top: ABOVE,
    bottom,
    x: scale(x, left, right),
    y: scale(y, bottom, ABOVE),
  };
}

function scale({ range: [first, last] }: Axis, from: number, to: number): (value: number) => number {
  return (value) => from + ((value - first) / (last - first)) * (to - from);
}
