import { describe, expect, test } from 'vitest';
import { ACTIVATIONS, activationNumber } from '../../../src/models/operations/recurrence/activations.ts';
import { activationBackward } from '../../../src/shaders/layers/activation-backward.ts';
import { activationForward } from '../../../src/shaders/layers/activation-forward.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { activations } from '../../reference/activations.ts';
import { runKernel, unwritten } from '../run-kernel.ts';

/** Sizes below and above one workgroup of 64, and one that needs many: all of them for one activation. */
const SIZES = [1, 63, 65, 1000];
const [THOROUGH] = ACTIVATIONS;

/** Far out on both sides, where a plain formula overflows; near zero and near the seam of the tanh series at 0.173. */
const EXTREMES = [0, 100, 30, 15.5, 9, 3, 0.174, 0.173, 0.1, 0.05, 0.01, 1e-3, 1e-5, 1e-8, 1e-30].flatMap((x) => [
  x,
  -x,
]);

describe.each(ACTIVATIONS)('%s', (name) => {
  const ACTIVATION = activationNumber(name);
  const { value } = activations[name];
  const sizes = name === THOROUGH ? SIZES : [65];
  const forward = async (z: Float32Array) =>
    (await runKernel(activationForward, { z, y: unwritten(z.length) }, { ELEMENTS: z.length, ACTIVATION })).y;

  test.each(sizes)('of %i random numbers', async (size) => {
    const z = rng(randomSeed()).array(size, 2);
    const close = { atol: 1e-7, rtol: 1e-6, what: name, reason: 'one exponential and one quotient in float32' };
    expectClose(await forward(z), Float64Array.from(z, value), close);
  });

  test.each(name === THOROUGH ? [65_535 * 64 + 1] : [])(
    'of %i numbers, more than a row of workgroups',
    async (size) => {
      const z = new Float32Array(size).fill(0.5);
      const y = await forward(z);
      const wrong = y.findIndex((got) => !(Math.abs(got - value(0.5)) < 1e-6));
      expect(wrong).toBe(-1);
    },
  );

  test('of extreme and of tiny numbers', async () => {
    const z = Float32Array.from(EXTREMES);
    // sigmoid stops at exp(-80), which is as good as zero. softplus reaches numbers that a GPU may flush to zero.
    const atol = { sigmoid: 2e-35, softplus: 1.2e-38 }[name as string] ?? 0;
    const close = { atol, rtol: 5e-6, what: name, reason: 'WGSL allows exp(-30) 63 units in the last place' };
    expectClose(await forward(z), Float64Array.from(z, value), close);
  });

  test.each(sizes)('backward, %i numbers', async (size) => {
    const random = rng(randomSeed());
    const [z, dy] = [random.array(size, 2), random.array(size, 1)];
    const y = Float32Array.from(z, value);
    const bindings = { y, dy, dz: unwritten(size) };
    const { dz } = await runKernel(activationBackward, bindings, { ELEMENTS: size, ACTIVATION });
    const expected = Float64Array.from(z, (x, index) => dy[index] * activations[name].derivative(x));
    // 1 - y² of a y near 1 keeps only y's rounding, 6e-8 absolute.
    expectClose(dz, expected, {
      atol: 5e-7,
      rtol: 1e-6,
      what: 'dz',
      reason: 'the derivative is taken from the rounded y',
    });
  });
});
