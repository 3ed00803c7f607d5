import { describe, expect, test } from 'vitest';
import { stepWeights } from '../../../src/shaders/losses/step-weights.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { shapes } from './figures.ts';
import { update } from './updates.ts';

const [CAPACITY, COLUMNS, COLUMN, JOURNAL_ROW] = [3, 4, 2, 1];

describe('weights of steps', () => {
  test.each(shapes)(
    '$steps steps, $filled of $rows rows, $threads threads',
    async ({ steps, rows, filled, threads }) => {
      const random = rng(randomSeed());
      const mask = Float32Array.from({ length: steps * rows }, () => random.integer(0, 1));
      const sample_weights = random.array(steps * rows, 1);
      const counts = (n: number) => mask[n] * Number(n % rows < filled);
      const valid = mask.reduce((sum, _, n) => sum + counts(n), 0);
      for (const [WEIGHTED, NORMALIZED] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ]) {
        const before = random.array(CAPACITY * COLUMNS, 1);
        const { weights, journal } = await runKernel(
          stepWeights,
          {
            update: update({ row_count: filled, journal_row: JOURNAL_ROW }),
            mask,
            sample_weights,
            weights: unwritten(steps * rows),
            journal: before,
          },
          { STEPS: steps, ROWS: rows, THREADS: threads, WEIGHTED, NORMALIZED, COLUMNS, COLUMN },
        );
        const noted = before.with(JOURNAL_ROW * COLUMNS + COLUMN, valid);
        expect(journal).toEqual(NORMALIZED ? noted : before);
        const scale = NORMALIZED ? (steps * filled) / (valid + 1e-7) : 1;
        const expected = [...mask.keys()].map((n) => counts(n) * scale * (WEIGHTED ? sample_weights[n] : 1));
        expectClose(weights, expected, { atol: 0, rtol: 1e-6, what: 'weights', reason: 'a product and a quotient' });
      }
    },
  );
});
