// Stands in for vitest where helpers of the tests run outside of it, in the folder for graphics cards: cleaning up is left
// to whoever runs a case, and what a failed test would print is part of each result.
const cleanups: (() => void)[] = [];

export const onTestFinished = (cleanup: () => void): void => void cleanups.push(cleanup);
export const onTestFailed = (): void => {};
export const expect = (): never => {
  throw new Error('expect: outside of vitest a case compares numbers itself.');
};

/** Does what helpers left for the end of the test. */
export function finishCase(): void {
  for (const cleanup of cleanups.splice(0)) cleanup();
}
