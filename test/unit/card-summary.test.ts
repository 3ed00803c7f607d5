import { expect, test } from 'vitest';
import { isWrong, summary, type Line } from '../../bench/card/summary.ts';
import { greatestError, interleaved, sameBits } from '../card/compare.ts';

const oneCase = { part: 'correctness', what: 'case', group: 'lstm', ok: true, error: 2e-7 };
const lines: Line[] = [
  oneCase,
  { ...oneCase, name: 'lstm, B 5, T 7', error: 0.5, ok: false },
  { part: 'correctness', what: 'end', end: 'killed', why: 'not done after 140 s', seconds: 140.04 },
  { part: 'probes', what: 'barrier of 32 threads', value: 19.5, unit: 'ns' },
  { part: 'probes', what: 'end', end: 'crashed', why: `ended by SIGSEGV: ${'word '.repeat(99)}`, seconds: 3 },
  { part: 'works', what: 'work', work: 'stream', median: 0.1234 },
  { part: 'rules', what: 'work', work: 'stream', median: 0.25 },
  { part: 'rules', what: 'work', work: 'product', failure: 'out of memory' },
];

test('the summary has parts, correctness, probes, works and what went wrong', () => {
  expect(summary(lines)).toMatchInlineSnapshot(`
    "Part         end              took  results  wrong
    correctness  killed        140.0 s        2      1
    probes       crashed         3.0 s        1      0

    Correctness               cases  worst error  wrong
    lstm                          2       5.0e-1      1

    Probe
    barrier of 32 threads                                 19.50 ns

    Median, ms                        works        rules        cudnn
    stream                           0.1234       0.2500            —
    product                               —            —            —

    Wrong
    correctness lstm, B 5, T 7: error 0.5
    probes: ended by SIGSEGV: word word word word word word word word word word wor…
    rules product: out of memory"
  `);
});

test('no line is wider than 80 columns', () => {
  expect(
    Math.max(
      ...summary(lines)
        .split('\n')
        .map(({ length }) => length),
    ),
  ).toBe(80);
});

test('time that ran out is not wrong; a crash, a failure, a wrong result and garbage are', () => {
  expect(lines.filter(isWrong)).toEqual([lines[1], lines[4], lines[7]]);
  expect(isWrong({ part: 'works', isGarbage: true })).toBe(true);
});

test('nothing at all is a table without rows', () => {
  expect(summary([])).toBe('Part         end              took  results  wrong');
});

test('an error is relative to large numbers and absolute for small ones', () => {
  expect(greatestError({ a: [101, 0.25] }, { a: [100, 0.5] })).toBe(0.25);
  expect(greatestError({ a: [150, 0.5] }, { a: [100, 0.5] })).toBe(0.5);
});

test.each([
  ['a list is missing', {}],
  ['a list is too short', { a: [1] }],
  ['a number is none', { a: [1, NaN] }],
])('the error is infinite where %s', (_, seen) => {
  expect(greatestError(seen, { a: [1, 2] })).toBe(Infinity);
});

test('the same bits are not merely equal numbers', () => {
  expect(sameBits({ a: [1, NaN] }, { a: [1, NaN] })).toBe(true);
  expect(sameBits({ a: [0] }, { a: [-0] })).toBe(false);
  expect(sameBits({ a: [1] }, { a: [1 + 2 ** -23] })).toBe(false);
  expect(sameBits({ a: [1] }, {})).toBe(false);
});

test('lists are taken from in turn', () => {
  expect(interleaved([[1, 2, 3], [4], [5, 6]])).toEqual([1, 4, 5, 2, 6, 3]);
  expect(interleaved([])).toEqual([]);
});
