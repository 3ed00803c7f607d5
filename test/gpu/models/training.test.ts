import { describe, expect, test } from 'vitest';
import { BusyError, adam, lstm, sequential, sgd, type Callback, type Progress } from '../../../src/index.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { meanLoss } from '../../reference/losses.ts';
import { withGlobalClipnorm, sgd as twinSgd } from '../../reference/optimizers.ts';
import { ReferenceModel } from '../../reference/reference-model.ts';
import { gpu } from '../gpu.ts';
import { array, lstmAndHead, makeModel, makePair, setWeights, weightsOf, type ModelSpec } from './make-model.ts';

const [STEPS, FEATURES] = [3, 2];
const spec: ModelSpec = { inputShape: [STEPS, FEATURES], layers: lstmAndHead(4, false) };
const close = { atol: 3e-6, rtol: 3e-6, reason: 'float32 against float64 over a few steps' };

function samples(seed: number, count: number) {
  const random = rng(seed);
  return {
    x: array(random.array(count * STEPS * FEATURES, 1), [count, STEPS, FEATURES]),
    y: array(
      Array.from({ length: count }, () => random.integer(0, 1)),
      [count, 1],
    ),
  };
}

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

describe('optimizers', () => {
  test.each([
    { kind: 'sgd', learningRate: 0.3 },
    { kind: 'sgd', learningRate: 0.1, momentum: 0.9 },
    { kind: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true },
    { kind: 'adam', learningRate: 0.01, epsilon: 1e-2 },
    { kind: 'adam', learningRate: 0.01, epsilon: 1e-3, beta1: 0.5, beta2: 0.9 },
  ] as const)('%o', async (optimizer) => {
    const { model, twin } = await makePair({ ...spec, optimizer });
    const { x, y } = samples(1, 7);
    for (let step = 0; step < 5; step++) {
      const [seen, expected] = [await model.trainOnBatch(x, y), twin.trainOnBatch(x.data, y.data)];
      expectClose([seen.loss, seen.accuracy], [expected.loss, expected.accuracy], { ...close, what: `step ${step}` });
    }
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, twin.weights[n], { ...close, atol: 1e-5, what: `weight ${n} after five steps` });
    });
  });

  test.each([0.01, 100])('globalClipnorm %f', async (globalClipnorm) => {
    const { model, twin } = await makePair(spec);
    const clipped = new ReferenceModel({
      inputShape: [STEPS, FEATURES],
      layers: spec.layers,
      loss: 'binaryCrossentropy',
      optimizer: withGlobalClipnorm(twinSgd({ learningRate: 1 }), globalClipnorm),
    });
    clipped.setWeights(twin.weights);
    model.compile({ optimizer: sgd({ learningRate: 1, globalClipnorm }), loss: 'binaryCrossentropy' });
    const { x, y } = samples(2, 5);
    await model.trainOnBatch(x, y);
    clipped.trainOnBatch(x.data, y.data);
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, clipped.weights[n], { ...close, what: `weight ${n}` });
    });
  });

  test('start anew at compile, while the weights stay', async () => {
    const [model, fresh] = [await makeModel(spec), await makeModel(spec)];
    const compile = { optimizer: adam({ learningRate: 0.05 }), loss: 'binaryCrossentropy' } as const;
    const { x, y } = samples(3, 4);
    model.compile(compile);
    for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y);
    await setWeights(fresh, await weightsOf(model));
    model.compile(compile);
    fresh.compile(compile);
    await model.trainOnBatch(x, y);
    await fresh.trainOnBatch(x, y);
    expect(await weightsOf(model)).toEqual(await weightsOf(fresh));
  });
});

describe('metrics', () => {
  test('are those asked for, under the names given', async () => {
    const { model, twin } = await makePair({
      ...spec,
      metrics: ['accuracy', 'binaryAccuracy', 'meanAbsoluteError', 'meanSquaredError'],
    });
    const { x, y } = samples(4, 11);
    const figures = await model.evaluate(x, y, { batchSize: 4 });
    const p = twin.predictOnBatch(x.data);
    const { loss, accuracy } = twin.testOnBatch(x.data, y.data);
    const expected = {
      loss,
      accuracy,
      binaryAccuracy: accuracy,
      meanAbsoluteError: meanLoss('meanAbsoluteError', p, y.data),
      meanSquaredError: meanLoss('meanSquaredError', p, y.data),
    };
    expect(Object.keys(figures)).toEqual(Object.keys(expected));
    expectClose(Object.values(figures), Object.values(expected), { ...close, what: 'figures' });
  });

  test('and the loss are means over samples, also where the last batch is partly filled', async () => {
    const { model, twin } = await makePair(spec);
    const { x, y } = samples(5, 10);
    const { history } = await model.fit(x, y, { batchSize: 4, epochs: 2, shuffle: false });
    for (const epoch of [0, 1]) {
      const { loss, accuracy } = twin.epoch('train', x.data, y.data, 4);
      const seen = [history.loss[epoch], history.accuracy[epoch]];
      expectClose(seen, [loss, accuracy], { ...close, what: `epoch ${epoch}` });
    }
  });
});

describe('shapes of data', () => {
  test('nested arrays are as good as flat ones, and targets need no inner brackets', async () => {
    const [flat, nested] = [await makeModel(spec), await makeModel(spec)];
    const x = [[[1, 2], [3, 4], [5, 6]], [[-1, 0], [0, 1], [1, 1]]]; // prettier-ignore
    await flat.trainOnBatch(array(x.flat(2), [2, 3, 2]), array([1, 0], [2, 1]));
    await nested.trainOnBatch(x, [1, 0]);
    expect(await weightsOf(nested)).toEqual(await weightsOf(flat));
  });

  test('any number of steps fits where timesteps are null', async () => {
    const model = await sequential(gpu, { inputShape: [null, 1], layers: [lstm({ units: 2, returnSequences: true })] });
    for (const steps of [1, 5, 2]) {
      const { data, shape } = await model.predict(array(new Float32Array(steps).fill(0.5), [1, steps, 1]));
      expect(shape).toEqual([1, steps, 2]);
      expect(data.every((value) => value !== 0)).toBe(true);
    }
    model.dispose();
  });

  test('arrays may be used again as soon as a call returned, awaited or not', async () => {
    const [careful, reusing] = [await makeModel(spec), await makeModel(spec)];
    const batches = Array.from({ length: 5 }, (_, n) => samples(n, 2));
    const expected = [];
    for (const { x, y } of batches) expected.push(await careful.trainOnBatch(x, y));
    const shared = samples(0, 2);
    const results = batches.map(({ x, y }) => {
      shared.x.data.set(x.data);
      shared.y.data.set(y.data);
      return reusing.trainOnBatch(shared.x, shared.y);
    });
    expect(await Promise.all(results)).toEqual(expected);
  });
});

describe('calls that nobody awaits', () => {
  test('get their own losses or are refused, however many there are, never the losses of others', async () => {
    const optimizer = { kind: 'adam', learningRate: 0 } as const;
    const model = await makeModel({ inputShape: [1, 1], layers: lstmAndHead(1, false), optimizer });
    await setWeights(model, [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0], [1]]);
    const x = array([0], [1, 1, 1]);
    const targets = [array([0], [1, 1]), array([1], [1, 1])];
    const expected: number[] = [];
    for (const y of targets) expected.push((await model.trainOnBatch(x, y)).loss);

    // More than the journal of losses has rows; the first half with one target, the second with the other.
    const COUNT = 40_000;
    const half = (call: number) => (call < COUNT / 2 ? 0 : 1);
    const refused = (error: unknown) => (error instanceof BusyError ? undefined : error);
    const calls: Promise<unknown>[] = [];
    for (let call = 0; call < COUNT; call++) {
      calls.push(model.trainOnBatch(x, targets[half(call)]).then(({ loss }) => loss, refused));
      if (call % 500 === 0) await Promise.resolve();
    }
    const losses = await Promise.all(calls);
    const wrong = losses.filter((loss, call) => loss !== undefined && loss !== expected[half(call)]);
    expect(wrong.length).toBe(0);
    expect(losses[0]).toBe(expected[0]);
  });
});

describe('predict', () => {
  test.each([1, 3, 10, 64])('gives the same for any batch size: %i', async (batchSize) => {
    const { model, twin } = await makePair(spec);
    const { x } = samples(6, 10);
    const { data, shape } = await model.predict(x, { batchSize });
    expect(shape).toEqual([10, 1]);
    expectClose(data, twin.predictOnBatch(x.data), { ...close, what: 'prediction' });
  });
});

describe('shuffle', () => {
  test('gives an order that depends on the seed alone', async () => {
    const { x, y } = samples(7, 50);
    const weights = await weightsOf(await makeModel(spec));
    const run = async (seed: number, shuffle: boolean) => {
      const model = await makeModel({ ...spec, seed });
      await setWeights(model, weights);
      const { history } = await model.fit(x, y, { batchSize: 1, epochs: 2, shuffle });
      return { history, weights: await weightsOf(model) };
    };
    const [first, again, other, ordered] = [
      await run(1, true),
      await run(1, true),
      await run(2, true),
      await run(1, false),
    ];
    expect(again).toEqual(first);
    expect(other.weights).not.toEqual(first.weights);
    expect(ordered.weights).not.toEqual(first.weights);
  });

  test('takes every sample once: without learning, the loss of an epoch is that of all samples', async () => {
    const { model, twin } = await makePair({ ...spec, optimizer: { kind: 'sgd', learningRate: 0 } });
    const { x, y } = samples(8, 50);
    const { history } = await model.fit(x, y, { batchSize: 7, epochs: 3, shuffle: true });
    const { loss, accuracy } = twin.testOnBatch(x.data, y.data);
    expectClose(history.loss, [loss, loss, loss], { ...close, what: 'losses' });
    expectClose(history.accuracy, [accuracy, accuracy, accuracy], { ...close, what: 'accuracies' });
  });

  test('is off by default for a stateful model', async () => {
    const stateful: ModelSpec = { ...spec, layers: lstmAndHead(4, true), batchSize: 1 };
    const [byDefault, ordered] = [await makeModel(stateful), await makeModel(stateful)];
    const { x, y } = samples(9, 20);
    await byDefault.fit(x, y);
    await ordered.fit(x, y, { shuffle: false });
    expect(await weightsOf(byDefault)).toEqual(await weightsOf(ordered));
  });
});

describe('callbacks', () => {
  /** A callback that writes down what is called. */
  function recorder(heard: string[]): Callback {
    const note = (name: string) => (place?: unknown) => {
      heard.push(typeof place === 'number' ? `${name} ${place}` : name);
    };
    const names = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd'];
    const tests = ['onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd'];
    return Object.fromEntries([...names, ...tests].map((name) => [name, note(name)]));
  }

  test("are called in Keras' order", async () => {
    const model = await makeModel(spec);
    const [{ x, y }, validation] = [samples(10, 4), samples(11, 3)];
    const heard: string[] = [];
    const validationData = [validation.x, validation.y] as const;
    await model.fit(x, y, { batchSize: 2, epochs: 2, validationData, callbacks: [recorder(heard)] });
    const training = ['onBatchBegin 0', 'onBatchEnd 0', 'onBatchBegin 1', 'onBatchEnd 1'];
    const testing = ['onTestBatchBegin 0', 'onTestBatchEnd 0', 'onTestBatchBegin 1', 'onTestBatchEnd 1'];
    const epoch = (n: number) => [
      `onEpochBegin ${n}`,
      ...training,
      'onTestBegin',
      ...testing,
      'onTestEnd',
      `onEpochEnd ${n}`,
    ];
    expect(heard).toEqual(['onTrainBegin', ...epoch(0), ...epoch(1), 'onTrainEnd']);
  });

  test('are awaited one after the other', async () => {
    const model = await makeModel(spec);
    const { x, y } = samples(12, 2);
    const heard: string[] = [];
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      heard.push('slow');
    };
    await model.fit(x, y, { callbacks: [{ onBatchBegin: slow }, { onBatchBegin: () => void heard.push('quick') }] });
    expect(heard).toEqual(['slow', 'quick']);
  });

  test('hear the figures of their epoch', async () => {
    const model = await makeModel(spec);
    const { x, y } = samples(13, 6);
    const logs: Record<string, number>[] = [];
    const { history } = await model.fit(x, y, {
      epochs: 2,
      validationData: [x, y],
      callbacks: [{ onEpochEnd: (_, log) => void logs.push(log) }],
    });
    expect(Object.keys(history)).toEqual(['loss', 'accuracy', 'valLoss', 'valAccuracy']);
    expect(logs).toEqual(
      [0, 1].map((n) => Object.fromEntries(Object.entries(history).map(([key, list]) => [key, list[n]]))),
    );
  });

  test('may stop the training', async () => {
    const model = await makeModel(spec);
    const { x, y } = samples(14, 6);
    const stop = { onEpochEnd: (epoch: number) => void (model.stopTraining = epoch === 1) };
    const { epoch } = await model.fit(x, y, { epochs: 10, callbacks: [stop] });
    expect(epoch).toEqual([0, 1]);
    expect((await model.fit(x, y, { epochs: 2 })).epoch).toEqual([0, 1]);
  });
});

describe('onProgress', () => {
  test('tells where fit is, and at last that it is through', async () => {
    const model = await makeModel(spec);
    const { x, y } = samples(15, 20);
    const heard: Progress[] = [];
    const { history } = await model.fit(x, y, {
      batchSize: 2,
      epochs: 3,
      onProgress: (progress) => void heard.push(progress),
    });
    for (const progress of heard) {
      expect(progress.epochs).toBe(3);
      expect(progress.batches).toBe(10);
      expect(progress.remainingSeconds).toBeGreaterThanOrEqual(0);
      expect(progress.updatesPerSecond).toBeGreaterThan(0);
    }
    const last = heard.at(-1);
    expect(last).toMatchObject({
      epoch: 2,
      batch: 10,
      loss: history.loss[2],
      accuracy: history.accuracy[2],
      remainingSeconds: 0,
    });
  });
});
