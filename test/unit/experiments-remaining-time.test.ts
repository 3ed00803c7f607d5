import { expect, test } from 'vitest';
import { RemainingTime } from '../../demo/experiments/remaining-time.ts';

test('the first measurement gives no estimate, and what was done before it does not count', () => {
  const remaining = new RemainingTime();
  expect(remaining.measure(0.5, 100)).toBeUndefined();
  expect(remaining.measure(0.5, 101)).toBeUndefined();
  // A tenth took two seconds, and four tenths are left.
  expect(remaining.measure(0.6, 102)).toBeCloseTo(8, 9);
  expect(remaining.measure(1, 110)).toBe(0);
});

test('nothing is estimated of work that was done while the clock stood still', () => {
  const remaining = new RemainingTime();
  expect(remaining.measure(0, 0)).toBeUndefined();
  expect(remaining.measure(0.2, 0)).toBeUndefined();
  expect(remaining.measure(0.4, 2)).toBeCloseTo(6, 9);
});
