import { expect } from 'vitest';
import { randomSeed, rng } from '../../harness/random.ts';
import { update } from './updates.ts';

export type Random = ReturnType<typeof rng>;

export const shapes = [
  { steps: 1, rows: 1, features: 1, filled: 1, threads: 1 },
  { steps: 1, rows: 5, features: 1, filled: 5, threads: 8 },
  { steps: 1, rows: 5, features: 3, filled: 2, threads: 4 },
  { steps: 7, rows: 3, features: 2, filled: 3, threads: 64 },
  { steps: 7, rows: 3, features: 2, filled: 1, threads: 2 },
  { steps: 4, rows: 33, features: 5, filled: 32, threads: 256 },
];
export type Shape = (typeof shapes)[number];

export const weightings = [
  { isWeighted: false, over: shapes },
  { isWeighted: true, over: shapes.slice(2, 4) },
];

/** A journal of which the kernels write one number or two, and must leave the others as they are. */
const journalOf = { rows: 4, columns: 4, row: 2, column: 1, untouched: 7e7 };

export const constantsOf = ({ steps, rows, features, threads }: Shape, isWeighted: boolean) => ({
  STEPS: steps,
  ROWS: rows,
  FEATURES: features,
  THREADS: threads,
  COLUMNS: journalOf.columns,
  COLUMN: journalOf.column,
  WEIGHTED: Number(isWeighted),
});

export const journal = () => new Float32Array(journalOf.rows * journalOf.columns).fill(journalOf.untouched);

/** The numbers noted; fails if another one changed. */
export function noted(written: Float32Array, count: number): number[] {
  const place = journalOf.row * journalOf.columns + journalOf.column;
  const others = written.filter((_, index) => index < place || index >= place + count);
  expect(others).toEqual(new Float32Array(others.length).fill(journalOf.untouched));
  return [...written.subarray(place, place + count)];
}

export const frame = ({ filled }: Shape) => update({ row_count: filled, journal_row: journalOf.row });

/** Numbers of each position of a time-major array: [steps * rows][size]. */
export const positions = (data: Float32Array, size: number): number[][] =>
  Array.from({ length: data.length / size }, (_, n) => [...data.subarray(n * size, (n + 1) * size)]);

/** Random outputs, targets and weights, some of them 0; rows without a sample hold what must not be looked at. */
export function setUp(shape: Shape, draw: (random: Random) => number, sparse: boolean, isWeighted: boolean) {
  const { steps, rows, features, filled } = shape;
  const random = rng(randomSeed());
  const isFilled = (position: number) => position % rows < filled;
  const fill = (size: number, value: () => number) =>
    Float32Array.from({ length: steps * rows * size }, (_, n) => (isFilled(Math.floor(n / size)) ? value() : NaN));
  const output = fill(features, () => draw(random));
  const target = fill(sparse ? 1 : features, () => random.integer(0, sparse ? features - 1 : 1));
  const weight = fill(1, () => (isWeighted ? random.integer(0, 2) * random.uniform(0.2, 2) : 1));
  return { output, target, weight, weights: weight.map((value, n) => (isFilled(n) ? value : 0)) };
}

export type Arrays = Record<'output' | 'target' | 'weight', Float32Array>;

export const close = { atol: 1e-6, rtol: 5e-6, reason: 'exponentials and sums in float32' };
