import { describe, expect, test } from 'vitest';
import { expectClose } from '../harness/expect-close.ts';
import { rng, SETTLED_SEED } from '../harness/random.ts';
import { finiteDifference } from '../reference/finite-difference.ts';
import { positionLosses, type PositionLoss } from '../reference/position-losses.ts';

describe.each(Object.entries(positionLosses) as [string, PositionLoss][])('%s', (name, loss) => {
  test.each([2, 3, 7])('gradient of %i outputs by finite differences', (outputs) => {
    const random = rng(SETTLED_SEED);
    const draw =
      name.includes('logits') || /^(mean|huber)/.test(name)
        ? () => 2 * random.normal()
        : () => random.uniform(0.05, 0.95);
    const output = Float64Array.from({ length: outputs }, draw);
    const target = loss.sparse
      ? [random.integer(0, outputs - 1)]
      : Array.from({ length: outputs }, () => random.uniform(0, 1));
    const expected = finiteDifference(() => loss.value([...output], target), output);
    expectClose(loss.gradient([...output], target), expected, {
      atol: 1e-8,
      rtol: 1e-7,
      what: 'gradient',
      reason: 'the cut-off series and roundings of a difference of 1e-5',
    });
  });
});

test('what is clipped has no gradient', () => {
  expect(positionLosses.binaryCrossentropy.gradient([0, 1], [1, 0])).toEqual([0, 0]);
  expect(positionLosses.sparseCategoricalCrossentropy.gradient([0, 0.5, 0.5], [0])[0]).toBe(0);
});
