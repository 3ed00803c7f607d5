import { expect, onTestFailed, test } from 'vitest';
import { expectClose } from '../harness/expect-close.ts';
import { randomSeed, rng } from '../harness/random.ts';
import { dot } from '../reference/arrays.ts';
import { drawCase, movedAlong } from '../reference/drawn-numbers.ts';
import { behaviourOf, stackOf } from '../reference/drawn-twin.ts';
import { finiteDifference } from '../reference/finite-difference.ts';

const numbered = Array.from({ length: 60 }, (_, n) => n);

test.each(numbered)('the twin of random model %i has the gradient of its loss', (n) => {
  const random = rng(randomSeed() + n);
  const { model, numbers } = drawCase(random);
  onTestFailed(() => console.error(JSON.stringify(model)));
  const { gradients } = behaviourOf(model, numbers, numbers.weights);
  const stack = stackOf(model);
  const directions = numbers.weights.map(({ length }) => random.array(length, 1));
  const along = Float64Array.of(0);
  const derivative = finiteDifference(
    () => {
      stack.setWeights(movedAlong(numbers.weights, directions, along[0]));
      return stack.loss(numbers, numbers.y);
    },
    along,
    // Within what was drawn to be free of kinks.
    1e-7,
  );
  const projected = gradients.reduce((sum, gradient, index) => sum + dot(gradient, directions[index]), 0);
  const reason = 'differences of losses in float64 over 2e-7, which rounds to 1e-9, and bends of the second order';
  expectClose([projected], derivative, { atol: 1e-6, rtol: 1e-6, what: 'derivative along a random direction', reason });
  expect(gradients).toHaveLength(numbers.weights.length);
});
