import type { CurvesOptions, CurveStyle, LevelLine } from '../../../drawing/curve-options.ts';
import type { Experiment } from '../../../experiments/index.ts';
import { shortFigure } from '../../../page/figures.ts';

/** The height of every chart, in pixels. */
export const CHART_HEIGHT = 190;

/** Accuracies from a little below a coin's to perfect, with room for the text of a line at either end. */
const ACCURACY = { range: [0.4, 1.1], ticks: [0.5, 0.75, 1] } as const;

/** A curve, and its name in the key of the chart. */
export interface NamedCurve extends CurveStyle {
  name: string;
}

const TRAIN: NamedCurve = { name: 'training', color: '--a' };
const TEST: NamedCurve = { name: 'test half', color: '--b', width: 1, dash: [2, 3], marker: 'circle' };

/** The curves of variants differ in colour, in dashes and in the shapes at their points. */
const VARIANTS: readonly CurveStyle[] = [
  { color: '--a', dash: [2, 3], marker: 'square' },
  { color: '--b', dash: [8, 4], marker: 'triangle' },
  { color: '--c', marker: 'circle' },
];

/** The curves of an experiment: training and test half, or the test half of each variant if there are several. */
export function curvesOf({ variants }: Experiment): NamedCurve[] {
  if (variants.length === 1) return [TRAIN, TEST];
  return variants.map(({ title }, index) => ({ name: title, ...VARIANTS[index] }));
}

/** The chart of an experiment. */
export function chartOf(experiment: Experiment, epochs: number): CurvesOptions {
  return {
    height: CHART_HEIGHT,
    x: { range: [0, epochs], ticks: wholeTicks(epochs), label: 'epochs' },
    y: ACCURACY,
    curves: curvesOf(experiment),
    lines: linesOf(experiment),
  };
}

/** The lines to hold the curves against: the post's figure and what can be proved. */
export function linesOf({ post, variants }: Experiment): LevelLine[] {
  const lines: LevelLine[] = [];
  const printed = post.testAccuracy ?? post.accuracy;
  if (printed !== undefined)
    lines.push({ at: printed, text: `the post: ${shortFigure(printed)}`, place: 'below', color: '--quiet', dash: [] });

  const bounds = variants.map(({ bound }) => bound).filter((bound) => accuracyOf(bound) !== undefined);
  if (bounds.length > 0) {
    const [bound] = bounds;
    const where = bound.testAccuracy === undefined ? '' : ' on the test half';
    const at = accuracyOf(bound)!;
    lines.push({ at, text: `best possible${where}: ${shortFigure(at)}`, place: 'above', color: '--ink', dash: [6, 4] });
  }
  return lines;
}

function accuracyOf({ accuracy, testAccuracy }: { accuracy?: number; testAccuracy?: number }): number | undefined {
  return testAccuracy ?? accuracy;
}

/** At most five whole numbers from 0 on, at equal distances. */
export function wholeTicks(most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => most / step <= 4)!;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}
