/** Sums of float32 in another order than in float64. Weights of a wrong moment, or a state of another, are off by 1e-3 and more. */
const TOLERANCE = 3e-5;

/** The greatest difference that was accepted so far. */
export const worst = { outputs: 0, weights: 0 };

export function compareOutputs(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  shape: readonly number[],
  expectedShape: readonly number[],
): void {
  if (shape.join() !== expectedShape.join())
    throw new Error(`its shape is [${shape.join()}], expected [${expectedShape.join()}]`);
  compare(actual, expected);
}

export function compare(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const difference = differenceOf(actual, expected);
  if (!(difference <= TOLERANCE)) {
    const show = (list: ArrayLike<number>) => Array.from(list, (value) => value.toPrecision(7)).join(', ');
    throw new Error(`it gave ${show(actual)}, expected ${show(expected)}`);
  }
  worst.outputs = Math.max(worst.outputs, difference);
}

/** Whether weights are equal but for roundings of a few updates. */
export function areClose(actual: readonly ArrayLike<number>[], expected: readonly ArrayLike<number>[]): boolean {
  const difference = Math.max(...expected.map((weight, n) => differenceOf(actual[n], weight)));
  if (!(difference <= TOLERANCE)) return false;
  worst.weights = Math.max(worst.weights, difference);
  return true;
}

function differenceOf(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let greatest = 0;
  for (let n = 0; n < expected.length; n++) {
    const difference = Math.abs(actual[n] - expected[n]) / Math.max(1, Math.abs(expected[n]));
    if (!(difference <= greatest)) greatest = difference;
  }
  return greatest;
}
