import { expect, test } from 'vitest';
import { piecesInDispatch } from '../../src/models/schedules/dispatch-length.ts';
import { choose, type Question } from '../../src/runtime/question.ts';
import { Winners } from '../../src/runtime/winners.ts';

const question: Question = {
  key: 'work',
  ways: [{ name: 'first' }, { name: 'second' }],
  work: 1e9,
  rehearse: () => 1,
};

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'second'],
  ['a list', ['second']],
  ['null as a winner', { work: null }],
  ['a text as a winner', { work: 'second' }],
  ['a winner without a pace', { work: { name: 'second' } }],
  ...[Infinity, -1, 0, NaN, '1e6', null].map((pace): [string, unknown] => [
    `a pace of ${String(pace)}`,
    { work: { name: 'second', pace } },
  ]),
])('%s out of storage is as good as nothing', (_what, kept) => {
  const winners = new Winners({ isMeasuring: true, assumedPace: 1e6, kept });
  expect(choose(winners, question)).toMatchObject({ way: { name: 'first' }, pace: 1e6, isOpen: true });
});

test('a winner out of storage is taken, unless there is no such way any more', () => {
  const winnersOf = (name: string) =>
    new Winners({ isMeasuring: true, assumedPace: 1e6, kept: { work: { name, pace: 5e7 } } });
  expect(choose(winnersOf('second'), question)).toMatchObject({ way: { name: 'second' }, pace: 5e7, isOpen: false });
  expect(choose(winnersOf('third'), question)).toMatchObject({ way: { name: 'first' }, pace: 1e6, isOpen: true });
});

test('what a rule chose is not stored, and storing never fails nor makes anybody wait', async () => {
  const stored: unknown[] = [];
  const store = {
    load: () => Promise.resolve(undefined),
    save: (_key: string, winners: unknown) => {
      stored.push(winners);
      return stored.length === 1 ? Promise.reject(new Error('full')) : Promise.resolve();
    },
  };
  const winners = new Winners({ isMeasuring: true, assumedPace: 1e6, memory: { store, key: 'card' } });
  winners.set('measured', { name: 'a', pace: 2e6, why: '', isMeasured: true });
  winners.set('ruled', { name: 'b', pace: 1e6, why: '', isMeasured: false });
  winners.keep();
  winners.keep();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const kept = { measured: { name: 'a', pace: 2e6 } };
  expect(stored).toEqual([kept, kept]);
});

test.each([Infinity, NaN, 0, -1, 1e-300, 1, 1e6, 1e300])(
  'work is cut into whole pieces, at least one, at a pace of %d',
  (pace) => {
    for (const [all, work] of [
      [1, 1],
      [30, 1e4],
      [1000, 1e9],
    ]) {
      const pieces = piecesInDispatch(all, work, pace);
      expect(Number.isInteger(pieces)).toBe(true);
      expect(pieces).toBeGreaterThanOrEqual(1);
      expect(pieces).toBeLessThanOrEqual(all);
    }
  },
);
