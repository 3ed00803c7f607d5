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
