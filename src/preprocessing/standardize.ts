import { ShapeError, ValueError } from '../runtime/errors.ts';
import { show } from '../runtime/options.ts';
import { positionOf, shapeText } from '../runtime/shape.ts';
import type { NumberArray } from '../runtime/numbers.ts';
import { readNumbers, unrounded, type NumberInput, type Numbers, type UnroundedArray } from './numbers.ts';

/** The mean and the deviation of each feature. `JSON.stringify` writes both down, and `standardize` takes them back. */
export interface Standardization {
  /** A mean for each feature. */
  readonly mean: readonly number[];
  /** A standard deviation for each feature, over all samples (not over one less), as in Keras; 1 for a constant feature. */
  readonly deviation: readonly number[];
  /**
   * `(value - mean) / deviation` in float32, in the shape of the values.
   *
   * @param values [..., features]; any shape where there is one feature
   * @throws ShapeError; ValueError, also if a result is larger than float32 holds
   */
  readonly apply: (values: NumberInput) => NumberArray;
  /**
   * `value · deviation + mean`: back to the units of the training data, such as predictions of what was standardized.
   *
   * @param values [..., features]; any shape where there is one feature
   * @throws ShapeError, ValueError
   */
  readonly invert: (values: NumberInput) => UnroundedArray;
}

/**
 * Takes mean and deviation from the training data alone, feature by feature, to bring training, validation and new data alike
 * to mean 0 and deviation 1, and predictions back: Keras' `Normalization` after `adapt`, except that a constant feature, whose
 * deviation is 0, is only shifted.
 *
 * @param train the training data, [steps], [steps, features] or [samples, timesteps, features]; or `mean` and `deviation` as an
 *   earlier call gave them
 * @throws ShapeError, ValueError
 * @see keras/src/layers/preprocessing/normalization.py
 */
export function standardize(train: NumberInput | Pick<Standardization, 'mean' | 'deviation'>): Standardization {
  const { mean, deviation } = isMeasured(train) ? checkMeasured(train) : measure(train);
  const features = mean.length;
  const transform = (where: string, values: NumberInput, rule: (value: number, feature: number) => number): Numbers => {
    const { data, shape } = readNumbers(where, values);
    if (features > 1 && shape.at(-1) !== features) {
      throw new ShapeError(
        `${where} has shape ${shapeText(shape)}, expected ${shapeText(['…', `features = ${features}`])}, the features of ` +
          `the training data. To transform some of them alone, standardize these by themselves.`,
      );
    }
    return { data: data.map((value, index) => rule(value, index % features)), shape };
  };
  return {
    mean,
    deviation,
    apply: (values) => {
      const where = 'standardize: apply';
      const rule = (value: number, feature: number) => deviationsFrom(mean[feature], value, deviation[feature]);
      return toFloat32(where, transform(where, values, rule));
    },
    invert: (values) =>
      unrounded(
        transform('standardize: invert', values, (value, feature) => value * deviation[feature] + mean[feature]),
      ),
  };
}

/** @throws ValueError if a number is larger than float32 holds */
function toFloat32(where: string, { data, shape }: Numbers): NumberArray {
  const rounded = Float32Array.from(data);
  const wrong = rounded.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return { data: rounded, shape };
  const at = shapeText(positionOf(wrong, shape));
  throw new ValueError(
    `${where}: the value at ${at} is ${data[wrong].toPrecision(3)} deviations of the training data from their mean, expected ` +
      `at most 3.4e38, the most that float32 holds. Look for a wrong value, or unit.`,
  );
}

function isMeasured(train: unknown): train is Pick<Standardization, 'mean' | 'deviation'> {
  return typeof train === 'object' && train !== null && 'mean' in train && 'deviation' in train;
}

/** @throws ShapeError, ValueError */
function checkMeasured(given: Pick<Standardization, 'mean' | 'deviation'>): { mean: number[]; deviation: number[] } {
  const where = 'standardize';
  const mean = readNumbers(`${where}: mean`, given.mean);
  const deviation = readNumbers(`${where}: deviation`, given.deviation);
  if (mean.shape.length !== 1 || deviation.shape.length !== 1 || mean.data.length !== deviation.data.length) {
    throw new ShapeError(
      `${where}: mean has shape ${shapeText(mean.shape)} and deviation ${shapeText(deviation.shape)}, expected ` +
        `[features] for both. Give both as standardize returned them.`,
    );
  }
  const wrong = deviation.data.findIndex((value) => !(value > 0));
  if (wrong >= 0) {
    throw new ValueError(
      `${where}: deviation holds ${show(deviation.data[wrong])} at [${wrong}], expected positive numbers. Give 1 for ` +
        `a constant feature.`,
    );
  }
  return { mean: Array.from(mean.data), deviation: Array.from(deviation.data) };
}

/** @throws ShapeError, ValueError */
function measure(train: NumberInput): { mean: number[]; deviation: number[] } {
  const where = 'standardize: train';
  const { data, shape } = readNumbers(where, train);
  if (data.length === 0) {
    throw new ShapeError(`${where} has shape ${shapeText(shape)}: it is empty. Give at least one step.`);
  }
  const features = shape.length === 1 ? 1 : shape[shape.length - 1];
  const average = (rule: (value: number, feature: number) => number): number[] => {
    const sums = Array.from({ length: features }, () => 0);
    for (let index = 0; index < data.length; index++) sums[index % features] += rule(data[index], index % features);
    return sums.map((sum) => sum / (data.length / features));
  };
  // Squares of very large or very small numbers lie outside the range of float64, those of scaled ones do not.
  const scale = scalesOf(data, features);
  const scaled = (value: number, feature: number): number => value / scale[feature];
  // Differences from the first row are exactly 0 for a constant feature, and keep their digits beside a large mean.
  const first = Array.from(data.subarray(0, features), scaled);
  const center = average((value, feature) => scaled(value, feature) - first[feature]).map(
    (shift, feature) => first[feature] + shift,
  );
  const variance = average((value, feature) => (scaled(value, feature) - center[feature]) ** 2);
  return {
    mean: center.map((value, feature) => value * scale[feature]),
    // The smallest number stands for a deviation that float64 would round to 0.
    deviation: variance.map((value, feature) =>
      value === 0 ? 1 : Math.max(Math.sqrt(value) * scale[feature], Number.MIN_VALUE),
    ),
  };
}

/** For each feature a power of two that is about as large as its largest value: dividing by it rounds nothing. */
function scalesOf(data: Float64Array, features: number): number[] {
  const largest = Array.from({ length: features }, () => 0);
  for (let index = 0; index < data.length; index++) {
    const feature = index % features;
    largest[feature] = Math.max(largest[feature], Math.abs(data[index]));
  }
  // The logarithm of the largest numbers is rounded up to 1024.
  return largest.map((size) => (size === 0 ? 1 : 2 ** Math.min(Math.floor(Math.log2(size)), 1023)));
}

/** How many deviations a value lies above the mean, also where float64 does not hold their difference. */
function deviationsFrom(mean: number, value: number, deviation: number): number {
  const difference = value - mean;
  return Number.isFinite(difference) ? difference / deviation : (value / 2 - mean / 2) / (deviation / 2);
}
