import type { Work } from '../works/work.ts';

/** How far a contender's results are from the plain loop's. */
export interface Agreement {
  /**
   * The size of the difference relative to the size of what is compared; both are Euclidean norms over all numbers. Where
   * several outputs are compared, it is the largest of theirs.
   */
  difference: number;
  tolerance: number;
  agrees: boolean;
}

/**
 * float32 sums of up to 512 products, and up to 100 steps that build on each other. Classes that were drawn have to be the
 * same: another one in one of 64 streams changes a list of 128 classes below 65 by at least 1e-3. Outputs that differ by
 * roundings draw another class less than once in 100,000 draws.
 */
const OUTPUT_TOLERANCE = 1e-4;

/**
 * Relative to how far the updates moved the weights. Adam moves all weights at the same speed, also those with gradients so
 * small that their rounding errors show.
 */
const WEIGHT_TOLERANCE = 1e-2;

/**
 * Compares outputs, or for training how far the weights moved.
 *
 * @param before the weights before the first update
 */
export function agreement(
  { kind }: Pick<Work, 'kind'>,
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  before: readonly Float32Array[],
): Agreement {
  const tolerance = kind === 'train' ? WEIGHT_TOLERANCE : OUTPUT_TOLERANCE;
  const difference =
    kind === 'train' ? distance(actual, expected) / distance(expected, before) : outputDifference(actual, expected);
  return { difference, tolerance, agrees: difference <= tolerance };
}

function outputDifference(actual: readonly Float32Array[], expected: readonly Float32Array[]): number {
  if (actual.length !== expected.length) return Infinity;
  const differences = expected.map((numbers, n) => {
    const change = distance([actual[n]], [numbers]);
    // Without this, two lists that are all 0 would differ by 0 / 0.
    return change === 0 ? 0 : change / distance([numbers], [new Float32Array(numbers.length)]);
  });
  return Math.max(...differences);
}

/** Infinite where lengths differ. */
function distance(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  if (a.length !== b.length || a.some(({ length }, n) => length !== b[n].length)) return Infinity;
  let sum = 0;
  a.forEach((numbers, n) => numbers.forEach((number, k) => (sum += (number - b[n][k]) ** 2)));
  return Math.sqrt(sum);
}
