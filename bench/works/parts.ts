import type { Work } from './work.ts';

export const ROOFLINE = 'roofline';
export const ROOFLINE_AGAIN = 'roofline again';
export const MEMORY = 'memory';

/** The names of all that a run measures, in order. */
export function parts(works: readonly Work[]): string[] {
  return [ROOFLINE, ...works.map(({ id }) => id), ROOFLINE_AGAIN, MEMORY];
}
