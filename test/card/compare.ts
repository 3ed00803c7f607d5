import type { Numbers } from '../reference/arrays.ts';

/** Lists of numbers by name, for one run of a case. */
export type Outputs = Record<string, Numbers>;

/**
 * The greatest error: relative to numbers larger than 1, absolute for smaller ones. Infinite where a number is missing or is
 * none.
 */
export function greatestError(seen: Outputs, expected: Outputs): number {
  let worst = 0;
  for (const [name, numbers] of Object.entries(expected)) {
    const actual = seen[name];
    if (actual?.length !== numbers.length || numbers.length === 0) return Infinity;
    for (let n = 0; n < numbers.length; n++) {
      const error = Math.abs(actual[n] - numbers[n]) / Math.max(1, Math.abs(numbers[n]));
      if (Number.isNaN(error)) return Infinity;
      worst = Math.max(worst, error);
    }
  }
  return worst;
}

/** Whether two runs gave the same bits; NaN is the same as NaN. */
export function sameBits(first: Outputs, second: Outputs): boolean {
  return Object.entries(first).every(([name, numbers]) => {
    return (
      second[name]?.length === numbers.length && Array.from(numbers).every((v, n) => Object.is(v, second[name][n]))
    );
  });
}

/** Takes from each list in turn, so that a run that ends early has had something of everything. */
export function interleaved<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, n) => lists.flatMap((list) => (n < list.length ? [list[n]] : []))).flat();
}
