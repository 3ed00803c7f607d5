import { expect, test } from 'vitest';
import { Journal } from '../../../../src/models/execution/journal.ts';
import { gpu } from '../../gpu.ts';

const COLUMNS = 2;

/** A journal in which so many updates were noted, each with its number. */
function written(updates: number): Journal {
  const journal = new Journal(gpu, COLUMNS);
  const capacity = journal.tensor.shape[0];
  const rows = new Float32Array(capacity * COLUMNS);
  for (let update = 0; update < updates; update++) {
    const number = journal.take();
    rows.fill(number, journal.row(number) * COLUMNS, (journal.row(number) + 1) * COLUMNS);
  }
  journal.tensor.write(rows);
  return journal;
}

const CAPACITY = new Journal(gpu, COLUMNS).tensor.shape[0];

test.each([
  ['at the beginning', 0, 3],
  ['none at all', 5, 5],
  ['up to the end of the ring', CAPACITY - 2, CAPACITY],
  ['from the beginning of the second round', CAPACITY, CAPACITY + 2],
  ['across the end of the ring', CAPACITY - 3, CAPACITY + 4],
  ['in the third round', 2 * CAPACITY + 1, 2 * CAPACITY + 3],
])('the journal gives back what was noted: %s', async (_where, first, end) => {
  const journal = written(end);
  expect(journal.next).toBe(end);
  const expected = Array.from({ length: (end - first) * COLUMNS }, (_, index) => first + Math.floor(index / COLUMNS));
  expect([...(await journal.read(first, end))]).toEqual(expected);
  journal.dispose();
});
