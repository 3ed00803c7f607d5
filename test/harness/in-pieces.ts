import type { Sliced } from '../../src/runtime/slices.ts';

/** Does sliced work without a pause, and returns its result with the work of each piece. */
export function inPieces<T>(work: Sliced<T>): { result: T; pieces: number[] } {
  const pieces: number[] = [];
  for (;;) {
    const next = work.next();
    if (next.done) return { result: next.value, pieces };
    pieces.push(next.value);
  }
}
