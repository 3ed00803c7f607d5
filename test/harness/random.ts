import { onTestFailed } from 'vitest';
import { random } from '../../demo/experiments/data/random.ts';

/**
 * A fresh seed for the running test, or the one in the environment variable `VITE_TEST_SEED`. A test that fails prints
 * its seed.
 */
export function randomSeed(): number {
  const wanted: string | undefined = import.meta.env.VITE_TEST_SEED;
  const seed = wanted ? Number(wanted) : Math.floor(Math.random() * 2 ** 32);
  onTestFailed(() => console.error(`Random seed ${seed}. To run this test with it again: VITE_TEST_SEED=${seed}`));
  return seed;
}

/**
 * A seed that is always the same, for what bends or jumps: a gate, an absolute value, a count of right answers. Near such a
 * place float32 and float64, or the two ends of a finite difference, come down on different sides; fresh numbers would find
 * one once in some thousand runs.
 */
export const SETTLED_SEED = 20160730;

/** Random numbers that depend on the seed alone. */
export function rng(seed: number) {
  const next = random(seed);

  const uniform = (lo: number, hi: number): number => lo + (hi - lo) * next();

  // Box-Muller; 1 - next() is never 0, whose logarithm is infinite.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

  /** `n` float32 numbers, normally distributed with deviation `scale`. */
  const array = (n: number, scale: number): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: n }, () => scale * normal());

  /** A whole number from `lo` to `hi`, both included. */
  const integer = (lo: number, hi: number): number => lo + Math.floor((hi - lo + 1) * next());

  return { uniform, normal, array, integer };
}
