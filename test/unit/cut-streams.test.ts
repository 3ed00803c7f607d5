import { expect, test } from 'vitest';
import { cut, type Sequence } from '../../src/models/streams/cut.ts';
import { randomSeed, rng } from '../harness/random.ts';

const sizes = (sequences: readonly Sequence[]) =>
  cut(sequences).map(({ rows, steps, parts }) => [parts.length, rows, steps]);

test('streams of one length share their updates', () => {
  const sequences = Array.from({ length: 4 }, (_, slot) => ({ slot, steps: 6 }));
  expect(sizes(sequences)).toEqual([
    [4, 4, 4],
    [4, 4, 2],
  ]);
});

test('streams of several lengths share what they can, the longest parts first', () => {
  const lengths = [5, 7, 3];
  expect(sizes(lengths.map((steps, slot) => ({ slot, steps })))).toEqual([
    [2, 2, 4],
    [2, 2, 2],
    [3, 4, 1],
  ]);
});

test('few rows are filled up to a power of two, and many are shared among updates with at most a quarter empty', () => {
  const single = (count: number) => sizes(Array.from({ length: count }, (_, slot) => ({ slot, steps: 1 })));
  expect(single(5)).toEqual([[5, 8, 1]]);
  expect(single(40)).toEqual([
    [32, 32, 1],
    [8, 8, 1],
  ]);
  expect(single(50)).toEqual([[50, 64, 1]]);
  expect(single(2500)).toEqual([
    [1024, 1024, 1],
    [1024, 1024, 1],
    [452, 512, 1],
  ]);
});

test('every step of random sequences is computed once, in the order of its slot', () => {
  const random = rng(randomSeed());
  const sequences = Array.from({ length: 200 }, () => ({ slot: random.integer(0, 30), steps: random.integer(1, 300) }));
  const seen = new Map(sequences.map((sequence) => [sequence, 0]));
  for (const { rows, steps, parts } of cut(sequences)) {
    expect(parts.length).toBeLessThanOrEqual(rows);
    expect(new Set(parts.map(({ sequence }) => sequence.slot)).size).toBe(parts.length);
    for (const { sequence, firstStep } of parts) {
      expect(firstStep).toBe(seen.get(sequence));
      const before = sequences.filter(({ slot }) => slot === sequence.slot);
      for (const other of before.slice(0, before.indexOf(sequence))) expect(seen.get(other)).toBe(other.steps);
      seen.set(sequence, firstStep + steps);
    }
  }
  for (const [{ steps }, computed] of seen) expect(computed).toBe(steps);
});

test('a hundred thousand chunks of one stream are cut in no time that anyone notices', () => {
  const sequences = Array.from({ length: 100_000 }, () => ({ slot: 0, steps: 1 }));
  expect(cut(sequences)).toHaveLength(100_000);
});
