import type { Work } from './work.ts';

export const ROOFLINE = 'roofline';
export const ROOFLINE_AGAIN = 'roofline again';
export const MEMORY = 'memory';
export const FIRST_CALLS = 'first-calls';

export interface Parts {
  works: readonly Work[];
  stacks: readonly Work[];
  pushes: readonly Work[];
  generations: readonly Work[];
  /** Works whose first calls are timed, each in browsers of its own. */
  firstCalls: readonly Work[];
}

/** The names of all that a run measures, in order. */
export function parts({ works, stacks, pushes, generations, firstCalls }: Parts): string[] {
  const timed = [...works, ...stacks, ...pushes, ...generations].map(({ id }) => id);
  return [ROOFLINE, ...timed, ROOFLINE_AGAIN, MEMORY, ...(firstCalls.length > 0 ? [FIRST_CALLS] : [])];
}
