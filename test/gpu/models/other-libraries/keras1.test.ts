import { expect, onTestFinished, test } from 'vitest';
import { dense, keras1, sequential } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { gpu } from '../../gpu.ts';
import { weightsOf } from '../builders/make-model.ts';

const [UNITS, FEATURES] = [6, 3];

test('the settings of Keras 1: each gate orthogonal on its own times 1.1, each kernel within its own limits', async () => {
  const head = dense({ units: 1, activation: 'sigmoid' });
  const model = await sequential(gpu, { inputShape: [2, FEATURES], layers: [keras1.lstm({ units: UNITS }), head] });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: keras1.adam(), loss: keras1.binaryCrossentropy(), metrics: ['accuracy'] });
  const [kernel, recurrentKernel, bias] = await model.getWeights();

  const limit = Math.sqrt(6 / (FEATURES + UNITS));
  const largest = Math.max(...kernel.data.map(Math.abs));
  expect(largest).toBeLessThanOrEqual(limit);
  // Beyond what a kernel over all four gates together would allow.
  expect(largest).toBeGreaterThan(Math.sqrt(6 / (FEATURES + 4 * UNITS)));
  expect([...bias.data]).toEqual([0, 1, 0, 0].flatMap((value) => Array(UNITS).fill(value)));

  for (const gate of [0, 1, 2, 3]) {
    const block = Array.from({ length: UNITS }, (_, row) =>
      recurrentKernel.data.slice(row * 4 * UNITS + gate * UNITS, row * 4 * UNITS + (gate + 1) * UNITS),
    );
    const gram = block.flatMap((a) => block.map((b) => a.reduce((sum, value, k) => sum + value * b[k], 0)));
    const identity = gram.map((_, index) => (index % (UNITS + 1) === 0 ? 1.21 : 0));
    expectClose(gram, identity, { atol: 1e-6, rtol: 0, what: `gate ${gate}`, reason: 'float32 weights' });
  }
});

test('saturated outputs give the clipped loss of that time, not zero', async () => {
  const model = await sequential(gpu, {
    inputShape: [1, 1],
    layers: [keras1.lstm({ units: 1 }), dense({ units: 1, activation: 'sigmoid' })],
  });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: keras1.adam(), loss: keras1.binaryCrossentropy() });
  const weights = await model.getWeights();
  model.setWeights(weights.map(({ shape, data }, index) => ({ shape, data: data.fill(index === 4 ? 40 : 0) })));
  const { loss } = await model.testOnBatch([[[0]]], [[1]]);
  // -log(1 - 1e-7) in float32, the floor that the post's loss of 2.2883e-07 is near to.
  expectClose([loss], [1.192093e-7], { atol: 2e-13, rtol: 0, what: 'loss', reason: 'one float32 number' });
});

test.each(['resident', 'layered'] as const)('clipped outputs have no gradient, %s', async (schedule) => {
  const model = await sequential(gpu, {
    inputShape: [1, 1],
    layers: [keras1.lstm({ units: 1 }), dense({ units: 1, activation: 'sigmoid' })],
    schedule,
  });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: keras1.adam(), loss: keras1.binaryCrossentropy() });
  const weights = await model.getWeights();
  const withBias = (bias: number) => weights.map(({ shape, data }, n) => ({ shape, data: n === 4 ? [bias] : data }));
  // The sigmoid of -20 is below the clip of 1e-7 and yet not 0, so that its own derivative is not 0 either.
  const isMovedFrom = async (bias: number) => {
    model.setWeights(withBias(bias));
    const before = await weightsOf(model);
    await model.trainOnBatch([[[1]]], [[1]]);
    return JSON.stringify(await weightsOf(model)) !== JSON.stringify(before);
  };
  expect(await isMovedFrom(-20)).toBe(false);
  expect(await isMovedFrom(-4)).toBe(true);
  expect(model.explain()[0].decision === 'resident').toBe(schedule === 'resident');
});
