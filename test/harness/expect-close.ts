interface Closeness {
  /** Absolute part of the tolerance. */
  atol: number;
  /** Relative part: this times the expected value's size is added. */
  rtol: number;
  /** What is compared, for the message. */
  what: string;
  /** Why the tolerance is what it is, for the message. */
  reason?: string;
}

/**
 * Fails unless both lists have the same length, at least one element, and `|actual - expected| <= atol + rtol * |expected|`
 * in every place. NaN is close to nothing; an infinity only to itself.
 *
 * @returns the greatest absolute error.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { atol, rtol, what, reason }: Closeness,
): number {
  if (actual.length !== expected.length) {
    fail(`${what}: ${actual.length} numbers, expected ${expected.length}.`);
  }
  if (expected.length === 0) fail(`${what}: nothing to compare, both lists are empty.`);

  let worst = { index: -1, excess: 0, error: 0, tolerance: 0 };
  let failures = 0;
  let greatestError = 0;
  for (let index = 0; index < expected.length; index++) {
    const error = distance(actual[index], expected[index]);
    // Relative to an infinity everything would be close.
    const tolerance = Number.isFinite(expected[index]) ? atol + rtol * Math.abs(expected[index]) : 0;
    greatestError = Math.max(greatestError, error);
    if (error <= tolerance) continue;
    failures++;
    const excess = error - tolerance;
    if (worst.index < 0 || excess > worst.excess) worst = { index, excess, error, tolerance };
  }

  if (failures > 0) {
    const { index, error, tolerance } = worst;
    fail(
      `${what}: ${failures} of ${expected.length} numbers are not close. Worst at [${index}]: actual ${actual[index]}, ` +
        `expected ${expected[index]}, error ${error}, tolerance ${tolerance} (atol ${atol}, rtol ${rtol}` +
        `${reason === undefined ? '' : `: ${reason}`}).`,
    );
  }
  return greatestError;
}

/**
 * Fails unless both lists have the same numbers, NaN being itself and -0 not 0. Vitest's `toEqual` takes seconds for millions.
 */
export function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  if (actual.length !== expected.length) {
    fail(`${what}: ${actual.length} numbers, expected ${expected.length}.`);
  }
  for (let index = 0; index < expected.length; index++) {
    if (Object.is(actual[index], expected[index])) continue;
    fail(`${what}: ${actual[index]} at [${index}], expected ${expected[index]} to the last bit.`);
  }
}

function distance(actual: number, expected: number): number {
  if (actual === expected) return 0;
  const error = Math.abs(actual - expected);
  return Number.isNaN(error) ? Infinity : error;
}

/** Throws an error that points at the test, not into this file. */
function fail(message: string): never {
  const error = new Error(message);
  Error.captureStackTrace?.(error, expectClose);
  throw error;
}
