import { describe, expect, test } from 'vitest';
import { batchGather } from '../../../src/shaders/batches/batch-gather.ts';
import { batchScatter } from '../../../src/shaders/batches/batch-scatter.ts';
import { stateGather } from '../../../src/shaders/batches/state-gather.ts';
import { stateScatter } from '../../../src/shaders/batches/state-scatter.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { rowsOf, update } from './updates.ts';

// These kernels only copy: every expectation is exact.

/** What a number reads as that nobody may touch. */
const KEPT = 7e7;

/** Rows of other updates, in front of those of the update under test. */
const EARLIER = 3;

/** Steps in front of those that are put back. */
const FIRST = 2;

function permutation(count: number, random: ReturnType<typeof rng>): number[] {
  return Array.from({ length: count }, (_, index) => ({ index, order: random.uniform(0, 1) }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ index }) => index);
}

describe('batch-gather and batch-scatter', () => {
  test.each([
    { steps: 1, rows: 1, features: 1, filled: 1 },
    { steps: 7, rows: 3, features: 2, filled: 3 },
    { steps: 5, rows: 5, features: 1, filled: 2 },
    { steps: 3, rows: 33, features: 4, filled: 32 },
  ])('$steps steps, $filled of $rows rows, $features features', async ({ steps, rows, features, filled }) => {
    const random = rng(randomSeed());
    const count = rows + 2;
    const samples = random.array(count * steps * features, 1);
    const chosen = permutation(count, random).slice(0, filled);
    const agenda = rowsOf([...Array.from({ length: EARLIER }, () => ({})), ...chosen.map((sample) => ({ sample }))]);
    const frame = update({ first_row: EARLIER, row_count: filled });
    const constants = { STEPS: steps, ROWS: rows, FEATURES: features };

    const { batch } = await runKernel(
      batchGather,
      { update: frame, rows: agenda, samples, batch: unwritten(steps * rows * features) },
      { ...constants, SAMPLE_STEPS: steps },
    );
    const expected = Array.from({ length: batch.length }, (_, index) => {
      const [step, row, feature] = [
        Math.floor(index / features / rows),
        Math.floor(index / features) % rows,
        index % features,
      ];
      return row < filled ? samples[(chosen[row] * steps + step) * features + feature] : 0;
    });
    expect([...batch]).toEqual(expected);

    const scattered = await runKernel(
      batchScatter,
      // Behind steps that are no results.
      {
        update: frame,
        rows: agenda,
        batch: Float32Array.from([...unwritten(FIRST * rows * features), ...batch]),
        samples: new Float32Array(samples.length).fill(KEPT),
      },
      { ...constants, FIRST },
    );
    const back = samples.map((value, index) =>
      chosen.includes(Math.floor(index / (steps * features))) ? value : KEPT,
    );
    expect([...scattered.samples]).toEqual([...back]);
  });
});

describe('state-gather and state-scatter', () => {
  test.each([
    { rows: 1, units: 1, capacity: 1, filled: 1 },
    { rows: 5, units: 3, capacity: 5, filled: 5 },
    { rows: 5, units: 33, capacity: 12, filled: 3 },
  ])('$filled of $rows rows, $units units, $capacity slots', async ({ rows, units, capacity, filled }) => {
    const random = rng(randomSeed());
    const slots = random.array(capacity * units, 1);
    const chosen = permutation(capacity, random)
      .slice(0, filled)
      .map((slot, row) => ({ slot, reset: row % 2 === 1 }));
    const agenda = rowsOf([...Array.from({ length: EARLIER }, () => ({})), ...chosen]);
    const frame = update({ first_row: EARLIER, row_count: filled });

    // The state tensor holds all steps; the gathered ones are its first rows and the others stay as they are.
    const steps = 2;
    const { state } = await runKernel(
      stateGather,
      { update: frame, rows: agenda, slots, state: new Float32Array((steps + 1) * rows * units).fill(KEPT) },
      { ROWS: rows, UNITS: units },
    );
    const expected = Array.from({ length: state.length }, (_, index) => {
      const row = Math.floor(index / units);
      if (row >= rows) return KEPT;
      if (row >= filled || chosen[row].reset) return 0;
      return slots[chosen[row].slot * units + (index % units)];
    });
    expect([...state]).toEqual(expected);

    const after = random.array((steps + 1) * rows * units, 1);
    const scattered = await runKernel(
      stateScatter,
      { update: frame, rows: agenda, state: after, slots: new Float32Array(slots.length).fill(KEPT) },
      { FIRST: steps * rows, ROWS: rows, UNITS: units },
    );
    const back = Array.from({ length: slots.length }, (_, index) => {
      const row = chosen.findIndex(({ slot }) => slot === Math.floor(index / units));
      return row < 0 ? KEPT : after[(steps * rows + row) * units + (index % units)];
    });
    expect([...scattered.slots]).toEqual(back);
  });
});
