import { finishCase } from './outside-vitest.ts';
import { greatestError, sameBits, type Outputs } from './compare.ts';

/** Something that the library and its twin both do. */
export interface Case {
  /** Cases of a group are told of together. */
  group: string;
  name: string;
  /** The seed of its random numbers. */
  seed: number;
  /** The most that `greatestError` may be. */
  tolerance: number;
  /** Draws the numbers anew from the seed; both functions work on them. */
  prepare(): { expected: () => Outputs; run: () => Promise<Outputs> };
}

const FILTERS = ['internal', 'out-of-memory', 'validation'] as const;

/** Runs a case twice. What the GPU refuses counts as a failure, and does not reach the library, which would stop at it. */
export async function compareRuns(device: GPUDevice, one: Case) {
  const { group, name, seed, tolerance } = one;
  const about = { what: 'case', group, name, seed, tolerance };
  for (const filter of FILTERS) device.pushErrorScope(filter);
  let outcome: { ok: boolean; error?: number; repeats?: boolean; failure?: string };
  try {
    const { expected, run } = one.prepare();
    const [first, second] = [await run(), await run()];
    // JSON knows no infinity.
    const error = Math.min(greatestError(first, expected()), Number.MAX_VALUE);
    const repeats = sameBits(first, second);
    outcome = { ok: error <= tolerance && repeats, error, repeats };
  } catch (error) {
    outcome = { ok: false, failure: (error as Error).message };
  }
  finishCase();
  const refused: string[] = [];
  for (const _ of FILTERS) {
    const error = await device.popErrorScope();
    if (error) refused.push(error.message);
  }
  if (refused.length === 0) return { ...about, ...outcome };
  return { ...about, ...outcome, ok: false, failure: outcome.failure ?? `refused: ${refused[0]}`, refused };
}

/** A fresh seed of 32 bits. */
export const freshSeed = (): number => Math.floor(Math.random() * 2 ** 32);
