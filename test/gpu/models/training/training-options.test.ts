import { describe, expect, test } from 'vitest';
import {
  adam,
  adamw,
  binaryCrossentropy,
  earlyStopping,
  exponentialDecay,
  learningRateScheduler,
  reduceLROnPlateau,
  sgd,
  type Callback,
  type CompileOptions,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng, SETTLED_SEED } from '../../../harness/random.ts';
import { lstmAndHead, makeModel, makeSamples, setWeights, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [3, 2], layers: lstmAndHead(4, false) };
const plain: CompileOptions = { optimizer: adam({ learningRate: 0.05 }), loss: 'binaryCrossentropy' };

/** Two models with the same weights, and samples for them. */
async function makeTwo(first: Partial<ModelSpec> = {}, second: Partial<ModelSpec> = {}, seed = randomSeed()) {
  const random = rng(seed);
  const models = [await makeModel({ ...spec, ...first }), await makeModel({ ...spec, ...second })] as const;
  const weights = (await weightsOf(models[0])).map(({ length }) => random.array(length, 0.5));
  for (const model of models) await setWeights(model, weights);
  return { models, ...makeSamples(random, spec, 7) };
}

/** Each of these a small model must honour, although it runs in one workgroup without them. */
describe('no option is lost on a small model', () => {
  const common = { learningRate: 0.05 };
  const cases: Record<string, Partial<CompileOptions>> = {
    plain: {},
    amsgrad: { optimizer: adam({ ...common, beta2: 0.1, amsgrad: true }) },
    'weight decay': { optimizer: adamw({ ...common, weightDecay: 0.5 }) },
    clipnorm: { optimizer: adam({ ...common, epsilon: 0.1, clipnorm: 1e-3 }) },
    clipvalue: { optimizer: adam({ ...common, epsilon: 0.1, clipvalue: 1e-4 }) },
    globalClipnorm: { optimizer: adam({ ...common, epsilon: 0.1, globalClipnorm: 1e-3 }) },
    'gradient accumulation': { optimizer: adam({ ...common, gradientAccumulationSteps: 2 }) },
    'label smoothing': { loss: binaryCrossentropy({ labelSmoothing: 0.4 }) },
    'clipped cross-entropy': { loss: binaryCrossentropy({ clipped: true }) },
    'mean absolute error': { loss: 'meanAbsoluteError' },
    threshold: { metrics: [{ metric: 'binaryAccuracy', threshold: 0.6, name: 'sure' }] },
    'two metrics': { metrics: ['accuracy', 'mse'] },
  };
  test.each(Object.entries(cases))('%s', async (_name, options) => {
    // Metrics of these cases count right answers.
    const { models, x, y } = await makeTwo({}, { schedule: 'layered' }, options.metrics ? SETTLED_SEED : randomSeed());
    const [small, layered] = await Promise.all(
      models.map(async (model) => {
        model.compile({ ...plain, ...options });
        const { history } = await model.fit(x, y, { batchSize: 2, epochs: 2, shuffle: false });
        return { figures: Object.values(history).flat(), weights: (await weightsOf(model)).flatMap((w) => [...w]) };
      }),
    );
    const close = { atol: 2e-5, rtol: 1e-4, reason: 'the two schedules sum in another order, eight steps of Adam' };
    expectClose(small.figures, layered.figures, { ...close, what: 'figures' });
    expectClose(small.weights, layered.weights, { ...close, what: 'weights' });
  });

  test('sample weights', async () => {
    const { models, x, y } = await makeTwo({}, { schedule: 'layered' });
    for (const model of models) model.compile(plain);
    const sampleWeight = Array.from({ length: 7 }, (_, n) => n);
    const losses = await Promise.all(models.map((model) => model.evaluate(x, y, { sampleWeight })));
    expectClose([losses[0].loss], [losses[1].loss], { atol: 1e-6, rtol: 1e-5, what: 'loss' });
    expect(losses[0].loss).not.toBeCloseTo((await models[0].evaluate(x, y)).loss, 3);
  });
});

describe('learning rates', () => {
  test('of a schedule are those of each update', async () => {
    const { models, x, y } = await makeTwo();
    const schedule = exponentialDecay({ initialLearningRate: 0.4, decaySteps: 1, decayRate: 0.5 });
    models[0].compile({ ...plain, optimizer: sgd({ learningRate: schedule }) });
    await models[0].fit(x, y, { batchSize: 3, shuffle: false });
    const rates = [0.4, 0.2, 0.1];
    for (const [n, learningRate] of rates.entries()) {
      models[1].compile({ ...plain, optimizer: sgd({ learningRate }) });
      const [first, end] = [3 * n, Math.min(7, 3 * n + 3)];
      const part = ({ data, shape }: typeof x) => {
        const size = data.length / shape[0];
        return { data: data.slice(first * size, end * size), shape: [end - first, ...shape.slice(1)] };
      };
      await models[1].trainOnBatch(part(x), part(y));
    }
    // The last batch has one row, which other kernels work on than on one of three.
    const reason = 'the same sums in another order';
    const [actual, expected] = await Promise.all(models.map(weightsOf));
    actual.forEach((weight, n) => {
      expectClose(weight, expected[n], { atol: 1e-6, rtol: 1e-6, what: `weight ${n}`, reason });
    });
  });

  test('of a callback hold from its epoch on, and a plateau lowers them', async () => {
    const { models, x, y } = await makeTwo();
    const [model] = models;
    const seen: number[] = [];
    let setRate = 0;
    const watch: Callback = {
      setModel: (given) => {
        watch.onEpochEnd = () => void seen.push(given.learningRate);
      },
    };
    model.compile({ ...plain, optimizer: sgd({ learningRate: 0.5 }) });
    const before = await weightsOf(model);
    const callbacks = [learningRateScheduler((epoch) => (setRate = epoch === 0 ? 0 : 0.25)), watch];
    await model.fit(x, y, { callbacks });
    expect(await weightsOf(model)).toEqual(before);
    await model.fit(x, y, { epochs: 2, callbacks });
    expect(setRate).toBe(0.25);
    expect(await weightsOf(model)).not.toEqual(before);
    await model.fit(x, y, {
      epochs: 3,
      callbacks: [reduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 1e3, factor: 0.5 }), watch],
    });
    expect(seen).toEqual([0, 0, 0.25, 0.25, 0.125, 0.0625]);
  });

  test('that a schedule gives must be numbers of at least 0, and states and weights stay as they were', async () => {
    const { models, x, y } = await makeTwo();
    const [model] = models;
    const learningRate = (iteration: number) => (iteration === 1 ? NaN : 0.1);
    model.compile({ ...plain, optimizer: sgd({ learningRate }) });
    await model.trainOnBatch(x, y);
    const before = await weightsOf(model);
    const says = 'sgd, update 1: learningRate is NaN, expected a finite number of at least 0';
    await expect(model.trainOnBatch(x, y)).rejects.toThrow(says);
    await expect(model.fit(x, y)).rejects.toThrow(says);
    expect(await weightsOf(model)).toEqual(before);
  });

  test('cannot be set beside a schedule', async () => {
    const { models, x, y } = await makeTwo();
    models[0].compile({ ...plain, optimizer: sgd({ learningRate: () => 0.1 }) });
    const fitting = models[0].fit(x, y, { callbacks: [learningRateScheduler(() => 1)] });
    await expect(fitting).rejects.toThrow('has a schedule for its learning rate');
  });
});

test('early stopping ends fit and brings the best weights back', async () => {
  const { models, x, y } = await makeTwo();
  const [model] = models;
  model.compile({ ...plain, optimizer: sgd({ learningRate: 0.1 }) });
  const kept: Float32Array[][] = [];
  const keep: Callback = {
    setModel: (given) => {
      keep.onEpochEnd = async () => void kept.push((await given.getWeights()).map(({ data }) => data));
    },
  };
  const stopping = earlyStopping({ monitor: 'loss', minDelta: 1e3, patience: 2, restoreBestWeights: true });
  const { epoch } = await model.fit(x, y, { epochs: 9, callbacks: [keep, stopping] });
  expect(epoch).toEqual([0, 1, 2]);
  expect(stopping.stoppedEpoch).toBe(2);
  expect(await weightsOf(model)).toEqual(kept[0]);
  expect(kept[2]).not.toEqual(kept[0]);
});
