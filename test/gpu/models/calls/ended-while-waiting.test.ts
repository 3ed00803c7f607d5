import { describe, expect, test } from 'vitest';
import {
  BusyError,
  DeviceLostError,
  DisposedError,
  requestGpu,
  type Batch,
  type Batches,
  type Gpu,
  type Model,
  type ModelInTraining,
} from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { batchesOf } from '../builders/batches.ts';
import { expectError } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

/** So few units that each device compiles them soon. */
const spec: ModelSpec = { inputShape: [4, 2], layers: lstmAndHead(2, false) };
const data = () => makeSamples(rng(randomSeed()), spec, 6);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const never = new Promise<never>(() => {});

const calls: [string, (model: Model, batches: Batches, signal?: AbortSignal) => Promise<unknown>][] = [
  ['fit', (model, batches, signal) => model.fit(batches, { epochs: 2, signal })],
  ['evaluate', (model, batches, signal) => model.evaluate(batches, { signal })],
  ['predict', (model, batches, signal) => model.predict(batches, { signal })],
];

type Hang = () => Promise<never>;

/** Iterables that some time do not answer any more. */
const waits: [string, (given: readonly Batch[], hang: Hang) => Batches][] = [
  ['the first batch', (_given, hang) => ({ [Symbol.asyncIterator]: () => ({ next: hang }) })],
  [
    'a later batch',
    (given, hang) =>
      async function* hanging() {
        yield* given;
        await hang();
      },
  ],
  [
    'a promised batch',
    (given, hang) =>
      function* hanging() {
        yield* given;
        yield hang();
      },
  ],
  ['the iterable', (_given, hang) => hang],
];

/** What ends all calls of a GPU from outside, and the error with which they then fail. */
const ends: [string, (gpu: Gpu) => void, new (message: string) => Error][] = [
  ['dispose of the GPU', (gpu) => gpu.dispose(), DisposedError],
  ['the loss of the device', (gpu) => gpu.device.destroy(), DeviceLostError],
];

// All at once: each device compiles the kernels of its models anew.
test.each(ends)('every call that waits in vain, for whatever, ends with %s', async (_end, end, error) => {
  const own = await requestGpu();
  const begun = calls.flatMap(([name, call]) =>
    waits.map(async ([what, iterable]) => {
      const model = await makeModel(spec, own);
      let outcome: Promise<unknown> = never;
      await new Promise<void>((resolve) => {
        const hang = () => {
          resolve();
          return never;
        };
        outcome = call(model, iterable(batchesOf(data(), 2), hang)).catch((reason: unknown) => reason);
      });
      return { what: `${name}, ${what}`, outcome };
    }),
  );
  const waiting = await Promise.all(begun);
  await pause(5);
  end(own);
  const ended = await Promise.all(waiting.map(async ({ what, outcome }) => ({ what, outcome: await outcome })));
  expect(ended).toHaveLength(calls.length * waits.length);
  for (const { what, outcome } of ended) expect({ what, outcome }).toEqual({ what, outcome: expect.any(error) });
  own.dispose();
});

describe.each(calls)('%s that waits in vain', (_name, call) => {
  test.each(waits)('for %s ends with dispose of the model', async (_what, iterable) => {
    const model = await makeModel(spec);
    const hang = () => {
      setTimeout(() => model.dispose(), 5);
      return never;
    };
    await expect(call(model, iterable(batchesOf(data(), 2), hang))).rejects.toBeInstanceOf(DisposedError);
  });

  test('for the answer to return ends when it is aborted', async () => {
    const model = await makeModel(spec);
    const [first] = batchesOf(data(), 2);
    const controller = new AbortController();
    let isAsked = false;
    const stubborn: AsyncIterator<Batch> & AsyncIterable<Batch> = {
      next: async () => {
        if (isAsked) controller.abort('enough');
        isAsked = true;
        return { done: false, value: first };
      },
      return: () => never,
      [Symbol.asyncIterator]: () => stubborn,
    };
    await expect(call(model, () => stubborn, controller.signal)).rejects.toBe('enough');
    expect((await model.predict(first[0])).shape).toEqual([2, 1]);
  });
});

test.each(waits)('fit that waits in vain for %s ends when it is stopped, with its history', async (what, iterable) => {
  const [model, byHand] = [await makeModel(spec), await makeModel(spec)];
  const samples = data();
  const batches = batchesOf(samples, 2);
  const heard: string[] = [];
  const onTrainEnd = () => void heard.push('onTrainEnd');
  const hang = () => {
    setTimeout(() => (model.stopTraining = true), 5);
    return never;
  };
  const { epoch } = await model.fit(iterable(batches, hang), { epochs: 2, callbacks: [{ onTrainEnd }] });
  const isBegun = what.endsWith('batch') && !what.includes('first');
  expect(epoch).toEqual(isBegun ? [0] : []);
  expect(heard).toEqual(['onTrainEnd']);
  if (isBegun) for (const [x, y] of batches) await byHand.trainOnBatch(x, y);
  expect(await weightsOf(model)).toEqual(await weightsOf(byHand));
  expect(await model.evaluate(samples.x, samples.y)).toEqual(await byHand.evaluate(samples.x, samples.y));
});

test('fit that is stopped before its turn does not wait for a batch', async () => {
  const model = await makeModel(spec);
  const { x, y } = data();
  const first = model.evaluate(x, y);
  const fitting = model.fit(() => never);
  model.stopTraining = true;
  expect((await fitting).epoch).toEqual([]);
  await first;
});

test('a model that is disposed in the last callback still gives its result', async () => {
  const { x, y } = data();
  const [one, other] = [await makeModel(spec), await makeModel(spec)];
  const { epoch } = await one.fit(x, y, { callbacks: [{ onTrainEnd: () => one.dispose() }] });
  expect(epoch).toEqual([0]);
  const { loss } = await other.evaluate(x, y, { callbacks: [{ onTestEnd: () => other.dispose() }] });
  expect(loss).toBeGreaterThan(0);
});

describe('a call whose callback has not returned', () => {
  /** Calls with a function that hangs. */
  const hanging: [string, (model: Model, hang: Hang, signal?: AbortSignal) => Promise<unknown>][] = [
    [
      'onEpochEnd of fit',
      (model, hang, signal) => {
        const { x, y } = data();
        return model.fit(x, y, { epochs: 3, callbacks: [{ onEpochEnd: hang }], signal });
      },
    ],
    [
      'onTestEnd of evaluate',
      (model, hang, signal) => {
        const { x, y } = data();
        return model.evaluate(x, y, { callbacks: [{ onTestEnd: hang }], signal });
      },
    ],
    [
      'onProgress',
      (model, hang, signal) => {
        const { x, y } = data();
        return model.fit(x, y, { epochs: 3, onProgress: hang, signal });
      },
    ],
  ];

  test.each(hanging)('%s, ends at once when it is aborted', async (_what, call) => {
    const model = await makeModel(spec);
    const controller = new AbortController();
    const hang = () => {
      setTimeout(() => controller.abort('enough'), 5);
      return never;
    };
    await expect(call(model, hang, controller.signal)).rejects.toBe('enough');
    const { x, y } = data();
    expect((await model.fit(x, y)).epoch).toEqual([0]);
    expect((await model.evaluate(x, y)).loss).toBeGreaterThan(0);
  });

  test.each(hanging)('%s, ends when the model is disposed', async (_what, call) => {
    const model = await makeModel(spec);
    const hang = () => {
      setTimeout(() => model.dispose(), 5);
      return never;
    };
    await expect(call(model, hang)).rejects.toBeInstanceOf(DisposedError);
  });

  test('leaves weights as after the last update, and later calls of the callback change nothing', async () => {
    const [model, plain] = [await makeModel(spec), await makeModel(spec)];
    const { x, y } = data();
    const controller = new AbortController();
    const told: unknown[] = [];
    let later: Promise<void> | undefined;
    const onEpochEnd = (epoch: number, _logs: unknown, inside: ModelInTraining) => {
      if (epoch < 1) return undefined;
      controller.abort('enough');
      later = pause(50).then(async () => {
        const acts = [
          () => inside.resetStates(),
          () => (inside.learningRate = 9),
          async () => inside.setWeights(await model.getWeights()),
          () => inside.evaluate(x, y),
        ];
        for (const act of acts) await expectError(act, BusyError, ['model.fit', 'has ended']);
        told.push('refused');
      });
      return later;
    };
    const options = { shuffle: false, batchSize: 2 };
    const { signal } = controller;
    const fitting = model.fit(x, y, { ...options, epochs: 5, callbacks: [{ onEpochEnd }], signal });
    await expect(fitting).rejects.toBe('enough');
    expect(told).toEqual([]);
    await plain.fit(x, y, { ...options, epochs: 2 });
    await later;
    expect(told).toEqual(['refused']);
    expect(await weightsOf(model)).toEqual(await weightsOf(plain));
  });

  test('ends with what the callback has begun', async () => {
    const model = await makeModel(spec);
    const { x, y } = data();
    const controller = new AbortController();
    const nested: unknown[] = [];
    const onEpochEnd = async (_epoch: number, _logs: unknown, inside: ModelInTraining) => {
      setTimeout(() => controller.abort('enough'), 20);
      await inside.evaluate(() => never).catch((error: unknown) => nested.push(error));
      await never;
    };
    const fitting = model.fit(x, y, { callbacks: [{ onEpochEnd }], signal: controller.signal });
    await expect(fitting).rejects.toBe('enough');
    expect(nested).toEqual(['enough']);
    expect((await model.fit(x, y)).epoch).toEqual([0]);
  });
});
