import { describe, expect, onTestFinished, test } from 'vitest';
import {
  activation,
  adam,
  conv1d,
  dense,
  embedding,
  lstm,
  masking,
  maxNorm,
  sequential,
  sgd,
  ShapeError,
  ValueError,
  type Conv1dOptions,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { DrawnModel } from '../../../reference/drawn-model.ts';
import { drawCase } from '../../../reference/drawn-numbers.ts';
import { behaviourOf } from '../../../reference/drawn-twin.ts';
import * as twins from '../../../reference/twin-layers.ts';
import { conv1d as convolution } from '../../../reference/convolution.ts';
import { gpu } from '../../gpu.ts';
import { expectBehaviour, libraryBehaviour } from '../builders/drawn-model.ts';
import { array, weightsOf } from '../builders/make-model.ts';
import { tfjsBehaviour } from '../other-libraries/tfjs-model.ts';

const close = { atol: 5e-6, rtol: 1e-5, reason: 'float32 against float64, or against that of TensorFlow.js' };

async function build(options: Omit<SequentialOptions, 'seed'>) {
  const model = await sequential(gpu, { seed: 1, ...options });
  onTestFinished(() => model.dispose());
  return model;
}

describe('sums are those of the definition', () => {
  const x = [1, 2, 3, 4, 5];
  test.each([
    [{}, [321, 432, 543]],
    [{ strides: 2 }, [321, 543]],
    [{ padding: 'same' }, [210, 321, 432, 543, 54]],
    [{ padding: 'same', strides: 2 }, [210, 432, 54]],
    [{ padding: 'same', strides: 3 }, [321, 54]],
    [{ padding: 'causal' }, [100, 210, 321, 432, 543]],
    [{ padding: 'causal', strides: 2 }, [100, 321, 543]],
    [{ dilationRate: 2 }, [531]],
    [{ padding: 'same', dilationRate: 2 }, [310, 420, 531, 42, 53]],
    [{ padding: 'causal', dilationRate: 2 }, [100, 200, 310, 420, 531]],
  ] satisfies [Partial<Conv1dOptions>, number[]][])('%j', async (options, expected) => {
    const kernelInitializer = () => [1, 10, 100];
    const layer = conv1d({ filters: 1, kernelSize: 3, kernelInitializer, ...options });
    for (const steps of [5, null]) {
      const model = await build({ inputShape: [steps, 1], layers: [layer] });
      const { data, shape } = await model.predict({ data: Float32Array.from(x), shape: [1, 5, 1] });
      expect([...data]).toEqual(expected);
      expect(shape).toEqual([1, expected.length, 1]);
    }
  });
});

const paddings = ['valid', 'same', 'causal'] as const;
const windows = paddings.flatMap((padding) => [
  { padding, strides: 1, dilationRate: 1, kernelSize: 3 },
  { padding, strides: 2, dilationRate: 1, kernelSize: 2 },
  { padding, strides: 3, dilationRate: 1, kernelSize: 4 },
  { padding, strides: 1, dilationRate: 2, kernelSize: 3 },
]);

const modelWith = (window: (typeof windows)[number]): DrawnModel => ({
  rows: 3,
  steps: 9,
  features: 2,
  layers: [
    { kind: 'conv1d', options: { ...window, filters: 5, activation: 'tanh', useBias: true } },
    {
      kind: 'conv1d',
      options: { ...window, filters: 4, kernelSize: 2, activation: 'relu', useBias: false, padding: 'same' },
    },
    { kind: 'dense', options: { units: 2, activation: 'linear', useBias: true } },
  ],
  loss: 'meanSquaredError',
  optimizer: { kind: 'adam', options: { learningRate: 0.05, epsilon: 0.01 } },
});

test.each(windows)('%j: a model of convolutions is its twin', async (window) => {
  const { model, numbers } = drawCase(rng(randomSeed()), () => modelWith(window));
  expectBehaviour(await libraryBehaviour(model, numbers), behaviourOf(model, numbers, numbers.weights), close);
});

// TensorFlow.js has no gradient of convolutions with dilation, and no causal ones.
test.each(windows.filter(({ dilationRate, padding }) => dilationRate === 1 && padding !== 'causal'))(
  '%j: TensorFlow.js predicts and trains alike',
  async (window) => {
    const { model, numbers } = drawCase(rng(randomSeed()), () => modelWith(window));
    expectBehaviour(await libraryBehaviour(model, numbers), await tfjsBehaviour(model, numbers), close);
  },
);

test('a model for sequences of any length trains as one for each length', async () => {
  const layers = () => [
    conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
    conv1d({ filters: 3, kernelSize: 2, dilationRate: 2 }),
    lstm({ units: 3, returnSequences: true }),
    dense({ units: 1 }),
  ];
  const random = rng(randomSeed());
  const any = await build({ inputShape: [null, 2], layers: layers() });
  for (const [steps, outputs] of [
    [9, 3],
    [6, 1],
    [14, 5],
  ]) {
    const own = await build({ inputShape: [steps, 2], layers: layers(), weights: await any.getWeights() });
    own.compile({ optimizer: sgd(), loss: 'mse' });
    any.compile({ optimizer: sgd(), loss: 'mse' });
    const x = array(random.array(3 * steps * 2, 1), [3, steps, 2]);
    const y = array(random.array(3 * outputs, 1), [3, outputs, 1]);
    const { shape, data } = await any.predict(x);
    expect(shape).toEqual([3, outputs, 1]);
    expect(data).toEqual((await own.predict(x)).data);
    const options = { epochs: 2, shuffle: false };
    expect(await any.fit(x, y, options)).toEqual(await own.fit(x, y, options));
    expect(await weightsOf(any)).toEqual(await weightsOf(own));
  }
  expect(any.layers.map(({ outputShape }) => outputShape)).toEqual([
    [null, 4],
    [null, 3],
    [null, 3],
    [null, 1],
  ]);
});

test('weights have the names and shapes of Keras, and a summary tells them', async () => {
  const model = await build({ inputShape: [10, 6], layers: [conv1d({ filters: 4, kernelSize: 3 })] });
  const weights = await model.getWeights();
  expect(weights.map(({ name, shape }) => [name, shape])).toEqual([
    ['conv1d/kernel', [3, 6, 4]],
    ['conv1d/bias', [4]],
  ]);
  expect(model.layers[0]).toMatchObject({ type: 'conv1d', outputShape: [8, 4], parameterCount: 76 });
  // Keras counts the inputs and the outputs of all steps of a window.
  const limit = Math.sqrt(6 / (3 * 6 + 3 * 4));
  const largest = Math.max(...weights[0].data.map(Math.abs));
  expect(largest).toBeLessThan(limit);
  expect(largest).toBeGreaterThan(0.8 * limit);
});

test('a constraint on norms is along the first axis of the kernel', async () => {
  const layers = (kernelConstraint?: ReturnType<typeof maxNorm>) => [
    conv1d({ filters: 2, kernelSize: 3, kernelConstraint }),
  ];
  const random = rng(randomSeed());
  const [x, y] = [array(random.array(40, 2), [2, 10, 2]), array(random.array(32, 2), [2, 8, 2])];
  const trained = await Promise.all(
    [undefined, maxNorm(0.3)].map(async (constraint) => {
      const model = await build({ inputShape: [10, 2], layers: layers(constraint) });
      model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'mse' });
      await model.trainOnBatch(x, y);
      return (await model.getWeights())[0].data;
    }),
  );
  const norms = Array.from({ length: 4 }, (_, column) =>
    Math.hypot(...[0, 1, 2].map((tap) => trained[0][4 * tap + column])),
  );
  expect(norms.some((norm) => norm > 0.3)).toBe(true);
  const expected = trained[0].map((value, n) => value * Math.min(1, 0.3 / norms[n % 4]));
  expectClose(trained[1], expected, {
    atol: 1e-6,
    rtol: 1e-5,
    what: 'kernel',
    reason: "Keras' epsilon beside the norm",
  });
});

test('a stateful layer behind it goes on, and the convolution begins anew with each batch', async () => {
  const options = { filters: 3, kernelSize: 3, padding: 'causal', strides: 1, dilationRate: 1 } as const;
  const model = await build({
    inputShape: [6, 2],
    batchSize: 2,
    layers: [conv1d(options), lstm({ units: 3, stateful: true })],
  });
  const twin = [
    convolution(2, { ...options, activation: 'linear', useBias: true }),
    twins.recurrentLayer(3, 3, { cell: 'lstm', stateful: true }),
  ];
  const weights = await weightsOf(model);
  twin.flatMap((layer) => [...layer.weights]).forEach((weight, n) => weight.set(weights[n]));
  const random = rng(randomSeed());
  for (let batch = 0; batch < 3; batch++) {
    const x = random.array(24, 1);
    let passing: twins.Passing = { shape: [2, 6, 2], values: Float64Array.from(x) };
    for (const layer of twin) passing = layer.forward(passing);
    const { data } = await model.predictOnBatch(array(x, [2, 6, 2]));
    expectClose(data, passing.values, { ...close, what: `batch ${batch}` });
  }
});

test('a loss that is fused with the last activation takes that of a convolution', async () => {
  const random = rng(randomSeed());
  const kernel = { filters: 3, kernelSize: 2 };
  const fused = await build({ inputShape: [5, 2], layers: [conv1d({ ...kernel, activation: 'softmax' })] });
  const apart = await build({
    inputShape: [5, 2],
    layers: [conv1d(kernel), activation('softmax')],
    weights: await fused.getWeights(),
  });
  const x = array(random.array(20, 1), [2, 5, 2]);
  const y = array([0, 1, 2, 1, 2, 0, 0, 1], [2, 4, 1]);
  const losses = await Promise.all(
    [fused, apart].map(async (model) => {
      model.compile({ optimizer: sgd(), loss: 'sparseCategoricalCrossentropy' });
      const { loss } = await model.trainOnBatch(x, y);
      return [loss, ...(await weightsOf(model)).flatMap((weight) => [...weight])];
    }),
  );
  expect(losses[0]).toEqual(losses[1]);
});

test('a kernel of one step is a dense layer, which windows of steps may cut', async () => {
  const random = rng(randomSeed());
  const [x, y] = [array(random.array(24, 1), [1, 8, 3]), array(random.array(8, 1), [1, 8, 1])];
  const recurrent = lstm({ units: 2, stateful: true, returnSequences: true });
  const trained = await Promise.all(
    [conv1d({ filters: 4, kernelSize: 1, activation: 'tanh' }), dense({ units: 4, activation: 'tanh' })].map(
      async (layer) => {
        const model = await build({
          inputShape: [8, 3],
          batchSize: 1,
          layers: [layer, recurrent, dense({ units: 1 })],
        });
        const [kernel, ...rest] = await model.getWeights();
        model.setWeights([{ ...kernel, data: Float32Array.from({ length: 12 }, (_, n) => Math.sin(n)) }, ...rest]);
        model.compile({ optimizer: sgd(), loss: 'mse' });
        const { history } = await model.fit(x, y, { truncate: 4, epochs: 2 });
        return [history.loss, ...(await weightsOf(model)).slice(0, 2)];
      },
    ),
  );
  expect(trained[0][0]).toHaveLength(2);
  // Recurrent weights come from the same seed only if as many numbers are drawn before them.
  expect(trained[0]).toEqual(trained[1]);
});

describe('it refuses', () => {
  test.each([
    ['strides and dilation', { strides: 2, dilationRate: 2 }, 'strides is 2 and dilationRate 2'],
    ['an unknown padding', { padding: 'full' as never }, 'padding'],
    ['groups', { groups: 2 } as object, 'groups'],
    ['an order of data', { dataFormat: 'channelsFirst' } as object, 'dataFormat'],
    ['no filters', { filters: 0 }, 'filters is 0'],
    ['half a step', { kernelSize: 1.5 }, 'kernelSize is 1.5'],
    ['no strides', { strides: 0 }, 'strides is 0'],
  ])('%s', (_what, options, message) => {
    expect(() => conv1d({ filters: 1, kernelSize: 2, ...options })).toThrow(ValueError);
    expect(() => conv1d({ filters: 1, kernelSize: 2, ...options })).toThrow(message);
  });

  const layer = conv1d({ filters: 1, kernelSize: 3 });

  test('sequences shorter than its reach, when it is built or when they are given', async () => {
    const far = conv1d({ filters: 1, kernelSize: 3, dilationRate: 3 });
    await expect(build({ inputShape: [6, 1], layers: [far] })).rejects.toThrow('has 6 steps, expected at least 7');
    const model = await build({ inputShape: [null, 1], layers: [far] });
    model.compile({ optimizer: sgd(), loss: 'mse' });
    const x = array(new Float32Array(6), [1, 6, 1]);
    await expect(model.predict(x)).rejects.toThrow(ShapeError);
    await expect(model.predict(x)).rejects.toThrow('has 6 steps, expected at least 7');
    await expect(model.predictOnBatch(x)).rejects.toThrow('has 6 steps, expected at least 7');
    await expect(model.fit(x, [[1]])).rejects.toThrow('has 6 steps, expected at least 7');
    await expect(model.predict(array(new Float32Array(7), [1, 7, 1]))).resolves.toBeDefined();
  });

  test('vectors', async () => {
    await expect(build({ inputShape: [4], layers: [layer] })).rejects.toThrow('expected [timesteps, features]');
    const layers = [lstm({ units: 2 }), layer];
    await expect(build({ inputShape: [4, 1], layers })).rejects.toThrow('returnSequences: true');
  });

  test('masks, whoever makes them', async () => {
    const x = array(new Float32Array(8).fill(1), [2, 4, 1]);
    const masked = await build({ inputShape: [4, 1], layers: [masking(), layer] });
    await expect(masked.predict(x)).rejects.toThrow('conv1d: its input has a mask');
    const words = embedding({ inputDim: 3, outputDim: 2, maskZero: true });
    const embedded = await build({ inputShape: [4], layers: [words, layer] });
    await expect(embedded.predict([[1, 2, 1, 0]])).rejects.toThrow('conv1d: its input has a mask');
    const plain = await build({ inputShape: [4, 1], layers: [layer] });
    plain.compile({ optimizer: sgd(), loss: 'mse' });
    const before = await weightsOf(plain);
    await expect(plain.predict(x, { lengths: [4, 3] })).rejects.toThrow('conv1d: its input has a mask');
    await expect(plain.predict([[1, 2, 3], [1]])).rejects.toThrow('conv1d: its input has a mask');
    await expect(
      plain.fit(
        x,
        [
          [1, 2],
          [1, 2],
        ],
        { lengths: [4, 3] },
      ),
    ).rejects.toThrow(ValueError);
    expect(await weightsOf(plain)).toEqual(before);
    await expect(plain.predict(x)).resolves.toBeDefined();
    // A mask may begin behind it.
    await expect(build({ inputShape: [4, 1], layers: [layer, masking(), lstm({ units: 1 })] })).resolves.toBeDefined();
  });

  test('windows of steps and resets within samples', async () => {
    const recurrent = lstm({ units: 1, stateful: true, returnSequences: true });
    const same = conv1d({ filters: 1, kernelSize: 3, padding: 'same' });
    const model = await build({ inputShape: [4, 1], batchSize: 1, layers: [same, recurrent] });
    model.compile({ optimizer: sgd(), loss: 'mse' });
    const [x, y] = [array(new Float32Array(4), [1, 4, 1]), array(new Float32Array(4), [1, 4, 1])];
    await expect(model.fit(x, y, { truncate: 2 })).rejects.toThrow('conv1d needs them whole');
    await expect(model.fit(x, y, { resetStates: [[1, 0, 1, 0]] })).rejects.toThrow('in order');
    await expect(model.fit(x, y, { resetStates: [[1, 0, 0, 0]] })).resolves.toBeDefined();
  });

  test('the schedule for a single workgroup', async () => {
    const layers = [layer, lstm({ units: 2 }), dense({ units: 1 })];
    const model = await build({ inputShape: [4, 1], layers, schedule: 'resident' });
    model.compile({ optimizer: adam(), loss: 'mse' });
    await expect(model.fit([[1, 2, 3, 4]], [1])).rejects.toThrow('its layers are not one lstm and one dense');
  });
});
