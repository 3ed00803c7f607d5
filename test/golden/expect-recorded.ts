import { expectClose } from '../harness/expect-close.ts';

const worst = new Map<string, { error: number; atol: number }>();

/** `expectClose` to recorded numbers, which remembers the worst error by `what`, to judge tolerances by. */
export function expectRecorded(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  closeness: Parameters<typeof expectClose>[2],
): void {
  const { what, atol } = closeness;
  const error = expectClose(actual, expected, closeness);
  worst.set(what, { error: Math.max(error, worst.get(what)?.error ?? 0), atol });
}

/** The worst errors since they were last taken, a line each. */
export function takeWorstErrors(): string[] {
  const lines = [...worst].map(([what, { error, atol }]) => `  ${what}: ${error.toExponential(1)} (atol ${atol})`);
  worst.clear();
  return lines;
}
