import { activations } from './activations.ts';
import type { Numbers } from './arrays.ts';

/** A loss of one element, and its derivative with respect to the first argument. */
export interface Loss {
  value(output: number, target: number): number;
  derivative(output: number, target: number): number;
}

/** The bounds 1e-7 and 1 - 1e-7 rounded to float32, where -log(1 - p) is at most 15.94 instead of 16.12. */
const LOWEST = Math.fround(1e-7);
const HIGHEST = Math.fround(1 - 1e-7);

const clip = (p: number): number => Math.min(Math.max(p, LOWEST), HIGHEST);

/** Huber's loss: half the square up to delta, and beyond it the straight line that continues that. */
export const huber = (delta: number): Loss => ({
  value: (p, y) => {
    const size = Math.abs(p - y);
    return size <= delta ? size ** 2 / 2 : delta * (size - delta / 2);
  },
  derivative: (p, y) => Math.min(Math.max(p - y, -delta), delta),
});

export const losses = {
  /** The loss of a logit z with p = sigmoid(z), -y log p - (1 - y) log(1 - p), in a form that takes no logarithm of zero. */
  binaryCrossentropyFromLogits: {
    value: (z, y) => Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z))),
    derivative: (z, y) => activations.sigmoid.value(z) - y,
  },
  /** The loss of a probability; where that is clipped, the gradient is zero. */
  binaryCrossentropy: {
    value: (p, y) => -y * Math.log(clip(p)) - (1 - y) * Math.log(1 - clip(p)),
    derivative: (p, y) => (clip(p) === p ? (p - y) / (p * (1 - p)) : 0),
  },
  meanSquaredError: {
    value: (p, y) => (p - y) ** 2,
    derivative: (p, y) => 2 * (p - y),
  },
  meanAbsoluteError: {
    value: (p, y) => Math.abs(p - y),
    derivative: (p, y) => Math.sign(p - y),
  },
  huber: huber(1),
} satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;

/** The mean over all elements. */
export function meanLoss(name: LossName, output: Numbers, target: Numbers): number {
  return mean(output, (value, index) => losses[name].value(value, target[index]));
}

/** The gradient of the mean over all elements. */
export function meanLossGradient(name: LossName, output: Numbers, target: Numbers): Float64Array {
  return Float64Array.from(output, (value, index) => losses[name].derivative(value, target[index]) / output.length);
}

/** Binary accuracy: the fraction of predictions on the right side of 0.5, where 0.5 itself counts as 0. */
export function binaryAccuracy(prediction: Numbers, target: Numbers): number {
  return mean(prediction, (p, index) => (Number(p > 0.5) === target[index] ? 1 : 0));
}

function mean(values: Numbers, of: (value: number, index: number) => number): number {
  return Array.from(values, of).reduce((sum, value) => sum + value, 0) / values.length;
}
