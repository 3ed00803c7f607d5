import { describe, expect, test } from 'vitest';
import { adamStep } from '../../../src/shaders/optimizers/adam.ts';
import { gradientClip } from '../../../src/shaders/optimizers/gradient-clip.ts';
import { gradientNorm } from '../../../src/shaders/optimizers/gradient-norm.ts';
import { rmspropStep } from '../../../src/shaders/optimizers/rmsprop.ts';
import { sgdStep } from '../../../src/shaders/optimizers/sgd.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { adam, clipGlobalNorm, globalNorm, rmsprop, sgd } from '../../reference/optimizers.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { update } from './updates.ts';

const SIZES = [1, 63, 65, 1000];
const STEPS = 3;

const close = { atol: 1e-6, rtol: 2e-6, reason: 'a few float32 operations in each of three steps' };

/** First weights, and a gradient for each step, some of them zero. */
function setUp(size: number) {
  const random = rng(randomSeed());
  const sparse = () => random.array(size, 1).map((value) => (random.uniform(0, 1) < 0.2 ? 0 : value));
  return { weights: random.array(size, 1), gradients: Array.from({ length: STEPS }, sparse) };
}

describe('sgd', () => {
  const variants = [
    { momentum: 0, nesterov: false },
    { momentum: 0.9, nesterov: false },
    { momentum: 0.9, nesterov: true },
  ];
  describe.each(variants)('momentum $momentum, nesterov $nesterov', ({ momentum, nesterov }) => {
    test.each(SIZES)('%i weights', async (size) => {
      const { weights, gradients } = setUp(size);
      const learningRate = 0.1;
      const twin = sgd({ learningRate, momentum, nesterov });
      const expected = Float64Array.from(weights);
      let state = { parameters: weights, moments: new Float32Array(size) };
      for (const gradient of gradients) {
        twin.step([expected], [Float64Array.from(gradient)]);
        state = await runKernel(
          sgdStep,
          { update: update({ step_size: learningRate }), gradient, ...state },
          { ELEMENTS: size, MOMENTUM: momentum, NESTEROV: Number(nesterov) },
        );
      }
      expectClose(state.parameters, expected, { ...close, what: 'weights' });
    });
  });
});

describe('adam', () => {
  describe.each([
    { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false },
    { beta1: 0.5, beta2: 0.9, epsilon: 1e-2, amsgrad: false },
    { beta1: 0.5, beta2: 0.1, epsilon: 1e-3, amsgrad: true },
  ])('%o', ({ beta1, beta2, epsilon, amsgrad }) => {
    test.each(SIZES)('%i weights', async (size) => {
      const { weights, gradients } = setUp(size);
      const learningRate = 0.1;
      const twin = adam({ learningRate, beta1, beta2, epsilon, amsgrad });
      const expected = Float64Array.from(weights);
      let state = { parameters: weights, moments: new Float32Array((amsgrad ? 3 : 2) * size) };
      for (const [index, gradient] of gradients.entries()) {
        twin.step([expected], [Float64Array.from(gradient)]);
        const t = index + 1;
        const stepSize = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
        const betas = { ONE_MINUS_BETA1: 1 - beta1, ONE_MINUS_BETA2: 1 - beta2 };
        state = await runKernel(
          adamStep,
          { update: update({ step_size: stepSize }), gradient, ...state },
          { ELEMENTS: size, ...betas, EPSILON: epsilon, AMSGRAD: Number(amsgrad) },
        );
      }
      expectClose(state.parameters, expected, { ...close, what: 'weights' });
    });
  });

  test('leaves a weight alone that never had a gradient', async () => {
    const zero = new Float32Array(1);
    const { parameters } = await runKernel(
      adamStep,
      { update: update({ step_size: 0.1 }), gradient: zero, parameters: [0.75], moments: [0, 0] },
      { ELEMENTS: 1, ONE_MINUS_BETA1: 0.1, ONE_MINUS_BETA2: 0.001, EPSILON: 1e-7, AMSGRAD: 0 },
    );
    expect(parameters[0]).toBe(0.75);
  });
});

describe('rmsprop', () => {
  describe.each([
    { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
    { rho: 0.5, momentum: 0.9, epsilon: 1e-2, centered: false },
    { rho: 0.8, momentum: 0.5, epsilon: 1e-2, centered: true },
  ])('%o', ({ rho, momentum, epsilon, centered }) => {
    test.each(SIZES)('%i weights', async (size) => {
      const { weights, gradients } = setUp(size);
      const learningRate = 0.1;
      const twin = rmsprop({ learningRate, rho, momentum, epsilon, centered });
      const expected = Float64Array.from(weights);
      let state = { parameters: weights, moments: new Float32Array((centered ? 3 : 2) * size) };
      for (const gradient of gradients) {
        twin.step([expected], [Float64Array.from(gradient)]);
        state = await runKernel(
          rmspropStep,
          { update: update({ step_size: learningRate }), gradient, ...state },
          { ELEMENTS: size, ONE_MINUS_RHO: 1 - rho, MOMENTUM: momentum, EPSILON: epsilon, CENTERED: Number(centered) },
        );
      }
      expectClose(state.parameters, expected, { ...close, rtol: 5e-6, what: 'weights' });
    });
  });
});

describe('the norm of a gradient', () => {
  test.each([1, 2, 63, 256, 257, 5000])('of %i numbers, then clipped', async (size) => {
    const gradient = rng(randomSeed()).array(size, 3);
    const expected = globalNorm([Float64Array.from(gradient)]);
    const { norm } = await runKernel(
      gradientNorm,
      { gradient, norm: unwritten(1) },
      { FIRST: 0, ELEMENTS: size, THREADS: 256 },
    );
    expectClose(norm, [expected], { atol: 0, rtol: 2e-6, what: 'norm', reason: '256 sums of 20 squares, then a tree' });

    for (const largest of [expected / 3, expected * 3]) {
      const [wanted] = clipGlobalNorm([Float64Array.from(gradient)], largest);
      const clipped = await runKernel(gradientClip, { norm, gradient }, { FIRST: 0, ELEMENTS: size, LARGEST: largest });
      expectClose(clipped.gradient, wanted, {
        atol: 0,
        rtol: 3e-6,
        what: `clipped to ${largest}`,
        reason: 'a quotient',
      });
    }
  });

  test('of zero clips nothing and gives no NaN', async () => {
    const clipped = await runKernel(
      gradientClip,
      { norm: [0], gradient: [0, 0] },
      { FIRST: 0, ELEMENTS: 2, LARGEST: 1 },
    );
    expect([...clipped.gradient]).toEqual([0, 0]);
  });

  test('of a part leaves the others alone', async () => {
    const gradient = [9, 3, 4, 9];
    const part = { FIRST: 1, ELEMENTS: 2 };
    const { norm } = await runKernel(gradientNorm, { gradient, norm: unwritten(1) }, { ...part, THREADS: 4 });
    expect([...norm]).toEqual([5]);
    const clipped = await runKernel(gradientClip, { norm, gradient }, { ...part, LARGEST: 2.5 });
    expect([...clipped.gradient]).toEqual([9, 1.5, 2, 9]);
  });
});
