import { expect, test } from 'vitest';
import { slotRuns } from '../../src/models/streams/slot-runs.ts';

const onSoftware = { isSoftware: true };
const rows = (slots: readonly number[], resets: readonly number[] = []) =>
  slots.map((slot) => ({ slot, isReset: resets.includes(slot) }));

test('rows whose slots follow each other are one run, unless only some of them are reset', () => {
  expect(slotRuns(rows([7, 8, 9]), onSoftware)).toEqual([{ row: 0, slot: 7, count: 3, isReset: false }]);
  const many = Array.from({ length: 64 }, (_, n) => n + 5);
  expect(slotRuns(rows(many, [5, 6]), onSoftware)).toEqual([
    { row: 0, slot: 5, count: 2, isReset: true },
    { row: 2, slot: 7, count: 62, isReset: false },
  ]);
});

test('short runs are left to dispatches, and on a GPU everything but a single run', () => {
  const apart = Array.from({ length: 64 }, (_, n) => 2 * n);
  expect(slotRuns(rows(apart), onSoftware)).toBeUndefined();
  const halves = Array.from({ length: 64 }, (_, n) => (n < 32 ? n : n + 1));
  expect(slotRuns(rows(halves), onSoftware)).toHaveLength(2);
  expect(slotRuns(rows(halves), { isSoftware: false })).toBeUndefined();
  expect(slotRuns(rows([3]), { isSoftware: false })).toHaveLength(1);
});
