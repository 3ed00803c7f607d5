import type { Weights } from './step.ts';

/** The weights of a network of one input at a moment of its training. */
export interface Snapshot {
  /** How many sequences it had been trained on. */
  seen: number;
  weights: Weights;
}

/** Numbers of an LSTM of one input with a dense head of one output, one behind the other in the order of `getWeights`. */
export function weightsOf(numbers: ArrayLike<number>): Weights {
  // kernel 4H, recurrent kernel 4H², bias 4H, head H + 1: all in all 4H² + 9H + 1.
  const units = (Math.sqrt(81 + 16 * (numbers.length - 1)) - 9) / 8;
  if (!Number.isInteger(units)) throw new RangeError(`${numbers.length} numbers are the weights of no such network.`);
  const all = Float64Array.from(numbers);
  let end = 0;
  const next = (count: number): Float64Array => all.subarray(end, (end += count));
  return {
    kernel: next(4 * units),
    recurrentKernel: next(4 * units * units),
    bias: next(4 * units),
    headKernel: next(units),
    headBias: next(1),
  };
}
