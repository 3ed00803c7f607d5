import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  adam,
  exponentialDecay,
  sgd,
  trainMany,
  type FitOptions,
  type Model,
  type Optimizer,
} from '../../../../src/index.ts';
import { countDispatches, countGpuCalls } from '../../count-calls.ts';
import { array, lstmAndHead, makeModel } from '../builders/make-model.ts';
import type { LayerSpec } from '../../../reference/reference-model.ts';

const STEPS = 2;

const data = (count: number) =>
  [
    array(
      Array.from({ length: count * STEPS }, (_, index) => Math.sin(index)),
      [count, STEPS, 1],
    ),
    array(
      Array.from({ length: count }, (_, index) => index % 2),
      [count, 1],
    ),
  ] as const;

/** What 1980 batches more than 20 cost in `fit`. */
async function costOfBatches(model: Model, options: FitOptions) {
  const [few, many] = [data(20), data(2000)];
  // On a software adapter kernels for the shape are compiled meanwhile, in the background.
  const compile = vi.spyOn(GPUDevice.prototype, 'createComputePipelineAsync');
  await model.fit(...many, options);
  await Promise.all(compile.mock.results.map(({ value }) => value as Promise<unknown>));
  compile.mockRestore();
  await model.fit(...few, options);
  const calls = countGpuCalls();
  await model.fit(...few, options);
  const short = calls();
  await model.fit(...many, options);
  const both = calls();
  return (name: keyof typeof short) => both[name] - 2 * short[name];
}

describe('what one more batch costs', () => {
  const decay = exponentialDecay({ initialLearningRate: 0.01, decaySteps: 100, decayRate: 0.9 });
  const cases: [how: string, optimizer: Optimizer, options?: FitOptions][] = [
    ['layer by layer', sgd()],
    ['in one workgroup', adam()],
    ['in one workgroup, with onProgress', adam(), { onProgress: () => {} }],
    [
      'with a schedule, callbacks for every batch and resets',
      adam({ learningRate: decay }),
      { callbacks: [{ onBatchBegin: () => {}, onBatchEnd: () => {} }], resetStates: 3 },
    ],
  ];
  test.each(cases)('in fit, %s: no buffer, bind group, pipeline, submit or readback of its own', async (...args) => {
    const [, optimizer, options] = args;
    const model = await makeModel({ inputShape: [STEPS, 1], batchSize: 1, layers: lstmAndHead(3, true) });
    model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    const cost = await costOfBatches(model, { batchSize: 1, ...options });
    expect(cost('createBindGroup')).toBe(0);
    expect(cost('createComputePipelineAsync')).toBe(0);
    expect(cost('createShaderModule')).toBe(0);
    // Staging buffers grow with what is read, by powers of two.
    expect(cost('createBuffer')).toBeLessThan(10);
    // Submits take about 30 ms and readbacks come a few times a second: on a slow machine both become more.
    expect(cost('submit')).toBeLessThan(1980 / 4);
    expect(cost('mapAsync')).toBeLessThan(1980 / 20);
  });

  test('in trainMany: as in fit, and no more for many models than for one', async () => {
    const spec = { inputShape: [STEPS, 1] as const, layers: lstmAndHead(3, true), batchSize: 1 };
    const make = () => makeModel({ ...spec, optimizer: { kind: 'adam', learningRate: 0.01 } });
    const models = await Promise.all(Array.from({ length: 16 }, make));
    const [few, many] = [data(20), data(2000)];
    await trainMany(models.slice(0, 1), ...few);
    await trainMany(models, ...few);
    const calls = countGpuCalls();
    const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
    const counted = async (work: () => Promise<unknown>) => {
      const [before, dispatches] = [calls(), dispatch.mock.calls.length];
      await work();
      const after = calls();
      const cost = (name: keyof typeof after) => after[name] - before[name];
      return { cost, dispatches: dispatch.mock.calls.length - dispatches };
    };

    const short = await counted(() => trainMany(models, ...few));
    const long = await counted(() => trainMany(models, ...many));
    const alone = await counted(() => trainMany(models.slice(0, 1), ...few));
    for (const name of ['createBindGroup', 'createComputePipelineAsync', 'createShaderModule'] as const) {
      expect(long.cost(name)).toBe(short.cost(name));
      expect(alone.cost(name)).toBe(short.cost(name));
    }
    expect(short.cost('createBindGroup')).toBe(1);
    // Staging buffers grow with what is read, by powers of two.
    expect(long.cost('createBuffer') - short.cost('createBuffer')).toBeLessThan(10);
    expect(alone.cost('createBuffer')).toBe(short.cost('createBuffer'));
    // One dispatch a submit, whatever the number of models, and nothing is copied: they lie where they trained before.
    expect(short.dispatches).toBeLessThanOrEqual(20 / 4 + 1);
    expect(long.dispatches).toBeLessThan(2000 / 4);
    expect(long.cost('mapAsync')).toBeLessThan(2000 / 20);
    expect(long.cost('submit')).toBe(long.dispatches + long.cost('mapAsync'));
    dispatch.mockRestore();
  });

  test('in calls that nobody awaits: they share submits and one readback', async () => {
    const model = await makeModel({ inputShape: [STEPS, 1], batchSize: 1, layers: lstmAndHead(3, true) });
    const [x, y] = data(1);
    await model.trainOnBatch(x, y);
    await Promise.all(Array.from({ length: 100 }, () => model.trainOnBatch(x, y)));
    const calls = countGpuCalls();
    await Promise.all(Array.from({ length: 100 }, () => model.trainOnBatch(x, y)));
    const { createBuffer, createBindGroup, mapAsync, submit } = calls();
    expect({ createBuffer, createBindGroup, mapAsync }).toEqual({ createBuffer: 0, createBindGroup: 0, mapAsync: 1 });
    expect(submit).toBeLessThan(50);
  });

  test('in predictOnBatch: one submit and one readback a call, and nothing is made', async () => {
    const layers: LayerSpec[] = [{ kind: 'lstm', units: 3, stateful: true }];
    const model = await makeModel({ inputShape: [STEPS, 1], batchSize: 2, layers });
    // As many rows as there are slots, and more.
    const batches = [data(2)[0], data(5)[0]];
    for (const x of batches) await model.predictOnBatch(x);
    const calls = countGpuCalls();
    for (let round = 0; round < 10; round++) {
      for (const x of batches) await model.predictOnBatch(x);
    }
    expect(calls()).toEqual({
      createBuffer: 0,
      createBindGroup: 0,
      createComputePipelineAsync: 0,
      createShaderModule: 0,
      submit: 20,
      mapAsync: 20,
    });
  });

  test('in fit, evaluate and trainMany, however long they take: no readback where nobody is told of progress', async () => {
    const model = await makeModel({ inputShape: [STEPS, 1], batchSize: 1, layers: lstmAndHead(3, true) });
    model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
    const [samples, validationData] = [data(50), data(30)];
    const runs = [
      () => model.evaluate(...samples, { batchSize: 1 }),
      () => model.fit(...samples, { batchSize: 1, validationData }),
      () => trainMany([model], ...samples, { batchSize: 1, validationData }),
    ];
    for (const run of runs) await run();
    // Whoever looks at the clock finds that half a second has passed.
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 500));
    onTestFinished(() => clock.mockRestore());
    const calls = countGpuCalls();
    for (const run of runs) {
      const before = calls().mapAsync;
      await run();
      expect({ run, readbacks: calls().mapAsync - before }).toEqual({ run, readbacks: 1 });
    }
  });

  test('in predict: one readback for all', async () => {
    const model = await makeModel({ inputShape: [STEPS, 1], batchSize: 1, layers: lstmAndHead(3, true) });
    const [x] = data(200);
    await model.predict(x);
    const calls = countGpuCalls();
    await model.predict(x);
    expect(calls().mapAsync).toBe(1);
    expect(calls().submit).toBeLessThan(100);
  });
});

describe('dispatches of a wavefront', () => {
  const UNITS = 3;

  async function dispatches(layers: number, steps: number, what: 'predict' | 'train'): Promise<number> {
    const stack = Array.from({ length: layers }, (): LayerSpec => ({
      kind: 'lstm',
      units: UNITS,
      returnSequences: true,
    }));
    const model = await makeModel({
      inputShape: [steps, 1],
      layers: stack,
      loss: 'meanSquaredError',
      schedule: 'wavefront',
    });
    const [x, y] = [
      array(new Float32Array(steps), [1, steps, 1]),
      array(new Float32Array(steps * UNITS), [1, steps, UNITS]),
    ];
    return countDispatches(() => (what === 'predict' ? model.predictOnBatch(x) : model.trainOnBatch(x, y)));
  }

  test('to predict a batch: one a diagonal, and no other', async () => {
    for (const [layers, steps] of [
      [2, 1],
      [2, 9],
      [4, 9],
    ]) {
      expect(await dispatches(layers, steps, 'predict')).toBe(steps + layers - 1);
    }
  });

  test('to train: two more a step, and seven more a layer', async () => {
    const some = await dispatches(3, 7, 'train');
    expect(await dispatches(3, 8, 'train')).toBe(some + 2);
    // Besides a diagonal each way: two transposed kernels, and the gradients of kernel, bias and recurrent kernel.
    expect(await dispatches(4, 7, 'train')).toBe(some + 7);
  });
});

test('a model gives back every buffer it made', async () => {
  const createBuffer = vi.spyOn(GPUDevice.prototype, 'createBuffer');
  const destroy = vi.spyOn(GPUBuffer.prototype, 'destroy');
  const model = await makeModel({ inputShape: [STEPS, 1], batchSize: 2, layers: lstmAndHead(3, true) });
  const [x, y] = data(4);
  await model.fit(x, y, { epochs: 2, validationData: [x, y] });
  await model.evaluate(x, y);
  await model.predict(x);
  await model.trainOnBatch(...data(2));
  await model.predictOnBatch(data(2)[0]);
  const resident = await makeModel({
    inputShape: [STEPS, 1],
    batchSize: 2,
    layers: lstmAndHead(3, true),
    optimizer: { kind: 'adam', learningRate: 0.01 },
  });
  await trainMany([resident], x, y, { validationData: [x, y] });
  resident.dispose();
  model.dispose();

  const made = createBuffer.mock.results.map(({ value }) => value as GPUBuffer);
  const destroyed = new Set(destroy.mock.contexts);
  vi.restoreAllMocks();
  // Staging buffers belong to the GPU, which models share.
  const left = made.filter((buffer) => !destroyed.has(buffer) && !buffer.label.includes('staging'));
  expect(made.length).toBeGreaterThan(10);
  expect(left.map(({ label }) => label)).toEqual([]);
});
