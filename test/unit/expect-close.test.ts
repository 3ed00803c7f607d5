import { expect, test } from 'vitest';
import { expectClose } from '../harness/expect-close.ts';

const strict = { atol: 0, rtol: 0, what: 'numbers' };

test('returns the greatest error of close numbers', () => {
  expect(expectClose([1, 2.5], [1, 2], { atol: 0.5, rtol: 0, what: 'numbers' })).toBe(0.5);
});

test('names the worst place, both numbers, the error, the tolerance and its reason', () => {
  const tolerance = { atol: 0.25, rtol: 0.125, what: 'gates', reason: 'two roundings' };
  expect(() => expectClose([1, 5, 3], [1, 2, 2], tolerance)).toThrow(
    'gates: 2 of 3 numbers are not close. Worst at [1]: actual 5, expected 2, error 3, tolerance 0.5 ' +
      '(atol 0.25, rtol 0.125: two roundings).',
  );
});

test.each([
  ['another length', [1, 2], [1]],
  ['nothing at all', [], []],
  ['NaN for a number', [NaN], [1]],
  ['NaN for NaN', [NaN], [NaN]],
  ['a number for infinity', [1], [Infinity]],
  ['the other infinity', [Infinity], [-Infinity]],
])('fails on %s', (_case, actual, expected) => {
  expect(() => expectClose(actual, expected, { ...strict, rtol: 1 })).toThrow(/^numbers: /);
});

test('takes an infinity for itself', () => {
  expect(expectClose([-Infinity], [-Infinity], strict)).toBe(0);
});
