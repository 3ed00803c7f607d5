import { describe, expect, test } from 'vitest';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { lstmAndHead, makeModel, setWeights, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [3, 2], layers: lstmAndHead(4, false) };

describe('weights', () => {
  test("come in Keras' order, under Keras' names", async () => {
    const model = await makeModel({
      inputShape: [3, 2],
      layers: [
        { kind: 'lstm', units: 4, returnSequences: true },
        { kind: 'lstm', units: 1 },
        { kind: 'dense', units: 5 },
        { kind: 'dense', units: 1 },
      ],
    });
    expect((await model.getWeights()).map(({ name, shape }) => [name, ...shape])).toEqual([
      ['lstm/kernel', 2, 16],
      ['lstm/recurrentKernel', 4, 16],
      ['lstm/bias', 16],
      ['lstm_1/kernel', 4, 4],
      ['lstm_1/recurrentKernel', 1, 4],
      ['lstm_1/bias', 4],
      ['dense/kernel', 1, 5],
      ['dense/bias', 5],
      ['dense_1/kernel', 5, 1],
      ['dense_1/bias', 1],
    ]);
    expect(model.parameterCount).toBe(32 + 64 + 16 + 16 + 4 + 4 + 5 + 5 + 5 + 1);
  });

  test('start as in Keras: zero biases, ones for the forget gate, kernels within their limits', async () => {
    const [kernel, recurrentKernel, bias, head, headBias] = await weightsOf(
      await makeModel({ ...spec, seed: randomSeed() }),
    );
    expect([...bias]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...headBias]).toEqual([0]);
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / (2 + 16)));
    expect(Math.max(...head.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / (4 + 1)));
    const norm = Math.hypot(...recurrentKernel.subarray(0, 16));
    expectClose([norm], [1], { atol: 1e-6, rtol: 0, what: 'length of a row', reason: 'stored in float32' });
  });

  test('are the same for the same seed and others for another', async () => {
    const [a, b, c] = [await makeModel(spec), await makeModel(spec), await makeModel({ ...spec, seed: 8 })];
    expect(await weightsOf(b)).toEqual(await weightsOf(a));
    expect(await weightsOf(c)).not.toEqual(await weightsOf(a));
  });

  test('are set and read back to the bit', async () => {
    const model = await makeModel(spec);
    const random = rng(randomSeed());
    const weights = (await weightsOf(model)).map(({ length }) => random.array(length, 1));
    await setWeights(model, weights);
    expect(await weightsOf(model)).toEqual(weights);
  });
});
