import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { dense, lstm, sequential, ShapeError, ValueError, type SequentialOptions } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError } from '../builders/expect-error.ts';
import { array, lstmAndHead, makeModel, setWeights, weightsOf, type ModelSpec } from '../builders/make-model.ts';

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

describe('a model built with weights', () => {
  const fails = () => {
    throw new Error('an initializer ran');
  };
  const build = (weights?: SequentialOptions['weights'], on = gpu) =>
    sequential(on, {
      inputShape: [3, 2],
      weights,
      layers: [lstm({ units: 4, kernelInitializer: fails }), dense({ units: 1, activation: 'sigmoid' })],
    });

  test('has them to the bit, without an initializer', async () => {
    const model = await makeModel({ ...spec, seed: randomSeed() });
    const weights = await model.getWeights();
    const before = structuredClone(weights);
    const building = build(weights);
    for (const { data } of weights) data.fill(NaN);
    const built = await building;
    onTestFinished(() => built.dispose());
    expect(await built.getWeights()).toEqual(before);
    const x = array(rng(randomSeed()).array(6, 1), [1, 3, 2]);
    expect((await built.predict(x)).data).toEqual((await model.predict(x)).data);
    await expect(build()).rejects.toThrow('an initializer ran');
  });

  test('refuses others before anything is made', async () => {
    const weights = await (await makeModel(spec)).getWeights();
    const createBuffer = vi.spyOn(gpu.device, 'createBuffer');
    await expectError(() => build(weights.slice(1)), ShapeError, ['sequential: weights: got 4 weights, expected 5']);
    await expectError(() => build(weights.toReversed()), ValueError, ['weight 0 is named "dense/bias"']);
    await expectError(() => build(anything(null)), ShapeError, ['sequential: weights: got null']);
    const bad = weights.map(({ shape, data }, n) => ({ shape, data: n === 2 ? anything('no') : data }));
    await expectError(() => build(bad), ShapeError, ['sequential: weights: weight 2, lstm/bias,']);
    expect(createBuffer).not.toHaveBeenCalled();
  });
});
