import { ShapeError } from '../runtime/errors.ts';
import { knownOptions, positiveInteger } from '../runtime/options.ts';
import { readSeries, unrounded, type NumberInput, type Series, type UnroundedArray } from './numbers.ts';

export interface WindowsOptions {
  /** Steps in a window: Keras' `sequence_length`. */
  length: number;
  /** Steps to predict, the ones right after a window; with 0 there are windows alone, and `y` is empty. Default: 1. */
  horizon?: number;
  /** Steps from the beginning of a window to that of the next: Keras' `sequence_stride`. Default: 1. */
  stride?: number;
  /** A window, and its horizon, take every so-many-th step of the series: Keras' `sampling_rate`. Default: 1. */
  samplingRate?: number;
  /** The series to predict, with as many steps: [steps] or [steps, targets]. Default: the series itself. */
  targets?: NumberInput;
}

/** Windows of a series, and what follows each of them. */
export interface Windows {
  /** [windows, length, features], or [windows, length] of a series that is a list of numbers. */
  x: UnroundedArray;
  /** [windows, horizon] for one target, [windows, targets] for a horizon of 1, otherwise [windows, horizon, targets]. */
  y: UnroundedArray;
}

/**
 * Cuts a series into windows that overlap, to be trained on in any order. Window w begins at step w · stride and takes
 * `length` steps of the series, samplingRate apart; its target is the `horizon` steps after these, at the same distance. Steps
 * at the end that make no whole window with its target are left out. No number is rounded, so that `standardize` may come
 * before or after.
 *
 * The windows are those of Keras' `timeseries_dataset_from_array(series, targets.slice(length · samplingRate))`. Keras aligns
 * `targets[i]` with the window that begins at step i; here they are aligned with the steps of the series.
 *
 * @param series [steps, features], or [steps] for one feature
 * @throws ShapeError if the series is shorter than one window with its target; ValueError
 * @see keras/src/utils/timeseries_dataset_utils.py
 */
export function windows(series: NumberInput, options: WindowsOptions): Windows {
  const where = 'windows';
  knownOptions(where, options, ['length', 'horizon', 'stride', 'samplingRate', 'targets']);
  const { horizon = 1, stride = 1, samplingRate = 1 } = options;
  const length = positiveInteger(where, 'length', options.length);
  if (horizon !== 0) positiveInteger(where, 'horizon', horizon);
  positiveInteger(where, 'stride', stride);
  positiveInteger(where, 'samplingRate', samplingRate);
  const inputs = readSeries(`${where}: series`, series);
  const targets = options.targets === undefined ? inputs : readSeries(`${where}: targets`, options.targets);
  if (targets.steps !== inputs.steps) {
    throw new ShapeError(
      `${where}: targets has ${targets.steps} steps, expected ${inputs.steps}, as many as the series. ` +
        `Give the target of each step.`,
    );
  }
  const span = (length + horizon - 1) * samplingRate + 1;
  if (inputs.steps < span) {
    const [what, sizes, or] =
      horizon === 0
        ? ['one window', `length ${length}`, 'length']
        : ['one window with its target', `length ${length} and horizon ${horizon}`, 'length or horizon'];
    throw new ShapeError(
      `${where}: series has ${inputs.steps} steps, and ${what} takes ${span}: ${sizes}, at a samplingRate of ` +
        `${samplingRate}. Give a longer series, or a shorter ${or}.`,
    );
  }
  const starts = Array.from({ length: Math.floor((inputs.steps - span) / stride) + 1 }, (_, window) => window * stride);
  const ends = starts.map((start) => start + length * samplingRate);
  const x = take(inputs, starts, length, samplingRate);
  const y = take(targets, ends, horizon, samplingRate);
  const isFlat = targets.features === 1 || horizon === 1;
  return {
    x: unrounded({ data: x, shape: [starts.length, length, ...inputs.stepShape] }),
    y: unrounded({
      data: y,
      shape: [starts.length, ...(isFlat ? [horizon * targets.features] : [horizon, targets.features])],
    }),
  };
}

/** The steps of a series from each of these on, so many of them and so far apart. */
function take(
  { data, features }: Series,
  starts: readonly number[],
  count: number,
  apart: number,
): Float64Array<ArrayBuffer> {
  const taken = new Float64Array(starts.length * count * features);
  let filled = 0;
  for (const start of starts) {
    for (let step = start; step < start + count * apart; step += apart) {
      for (let feature = 0; feature < features; feature++) taken[filled++] = data[step * features + feature];
    }
  }
  return taken;
}
