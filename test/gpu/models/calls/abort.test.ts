import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { ValueError, type Model, type ModelInTraining } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError } from '../builders/expect-error.ts';
import { makeModel, makeSamples } from '../builders/make-model.ts';
import { SLOTS, expectSame, statefulModels } from '../builders/stateful-models.ts';

type Samples = ReturnType<typeof makeSamples>;
type Call = (model: Model, samples: Samples, signal: AbortSignal) => Promise<unknown>;

const calls: [string, Call][] = [
  ['fit', (model, { x, y }, signal) => model.fit(x, y, { epochs: 3, validationData: [x, y], signal })],
  ['evaluate', (model, { x, y }, signal) => model.evaluate(x, y, { signal })],
  ['predict', (model, { x }, signal) => model.predict(x, { signal })],
];

/** The error with which a promise is rejected. */
const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe.each(statefulModels)('a signal, with %s:', (_name, spec) => {
  const data = (samples = 4 * SLOTS) => makeSamples(rng(randomSeed()), spec, samples);
  const models = async () => [await makeModel(spec), await makeModel(spec)] as const;

  test.each(calls)('one that is aborted already ends %s before anything changes', async (_call, call) => {
    const [model, plain] = await models();
    const samples = data();
    const reason = new RangeError('enough');
    model.stopTraining = true;
    expect(await reasonOf(call(model, samples, AbortSignal.abort(reason)))).toBe(reason);
    expect(model.stopTraining).toBe(true);
    expect(await model.fit(samples.x, samples.y)).toEqual(await plain.fit(samples.x, samples.y));
    await expectSame(model, plain);
  });

  test.each(calls)('%s that is aborted right after the call does nothing and leaves no memory', async (_call, call) => {
    const [model, plain] = await models();
    const samples = data();
    const buffers = watchBuffers(gpu.device, (label) => label.startsWith('samples') || label.startsWith('predictions'));
    onTestFinished(() => buffers.stop());
    const controller = new AbortController();
    const rejected = reasonOf(call(model, samples, controller.signal));
    controller.abort('enough');
    expect(await rejected).toBe('enough');
    expect(buffers.live().count).toBe(0);
    expect(await model.fit(samples.x, samples.y)).toEqual(await plain.fit(samples.x, samples.y));
    await expectSame(model, plain);
  });

  test('fit leaves weights and states as after the last update, and goes on from there', async () => {
    const [aborted, stopped] = await models();
    const { x, y } = data();
    const controller = new AbortController();
    const heard: string[] = [];
    const abort = {
      onBatchEnd: (batch: number) => (batch === 2 ? controller.abort() : undefined),
      onEpochEnd: () => void heard.push('onEpochEnd'),
      onTrainEnd: () => void heard.push('onTrainEnd'),
    };
    const stop = {
      onBatchEnd: (batch: number, _logs: unknown, model: ModelInTraining) => {
        if (batch === 2) model.stopTraining = true;
      },
    };
    const options = { epochs: 5, resetStates: 2 };
    const fitted = aborted.fit(x, y, { ...options, callbacks: [abort], signal: controller.signal });
    expect(await reasonOf(fitted)).toBe(controller.signal.reason);
    await stopped.fit(x, y, { ...options, callbacks: [stop] });
    await expectSame(aborted, stopped);
    expect(heard).toEqual([]);
    expect(await aborted.fit(x, y, options)).toEqual(await stopped.fit(x, y, options));
    await expectSame(aborted, stopped);
  });

  test('fit that is aborted at any time has made the updates of the batches that callbacks heard of', async () => {
    const [model, byHand] = await models();
    const samples = data(200 * SLOTS);
    const controller = new AbortController();
    let batches = 0;
    const onBatchEnd = () => {
      batches++;
      if (batches === 1) setTimeout(() => controller.abort(), 20);
    };
    const fitted = model.fit(samples.x, samples.y, {
      epochs: 1000,
      callbacks: [{ onBatchEnd }],
      signal: controller.signal,
    });
    expect(await reasonOf(fitted)).toBe(controller.signal.reason);
    expect(batches).toBeLessThan(200_000);
    let left = batches;
    const onBatchBegin = (_batch: number, inside: ModelInTraining) => {
      inside.stopTraining = left-- <= 1;
    };
    await byHand.fit(samples.x, samples.y, { epochs: 1000, callbacks: [{ onBatchBegin }] });
    await expectSame(model, byHand);
  });

  test('a signal that is aborted in the very last callback still rejects', async () => {
    const model = await makeModel(spec);
    const { x, y } = data();
    const controller = new AbortController();
    const [fitted, tested] = [
      model.fit(x, y, { callbacks: [{ onTrainEnd: () => controller.abort() }], signal: controller.signal }),
      async () => model.evaluate(x, y, { signal: controller.signal }),
    ];
    expect(await reasonOf(fitted)).toBe(controller.signal.reason);
    expect(await reasonOf(tested())).toBe(controller.signal.reason);
  });

  test('evaluate and predict that wait for their turn reject at once, and those around them are not disturbed', async () => {
    const [model, plain] = await models();
    const { x, y } = data();
    const [one, two] = [new AbortController(), new AbortController()];
    const order: string[] = [];
    const note = <T>(name: string, promise: Promise<T>): Promise<T> => {
      promise.then(
        () => order.push(name),
        () => order.push(name),
      );
      return promise;
    };
    const first = note('first', model.evaluate(x, y));
    const aborted = [
      reasonOf(note('aborted', model.evaluate(x, y, { signal: one.signal }))),
      reasonOf(note('aborted', model.predict(x, { signal: two.signal }))),
    ];
    const last = note('last', model.predict(x));
    one.abort('one');
    two.abort('two');
    expect(await Promise.all(aborted)).toEqual(['one', 'two']);
    expect([await first, await last]).toEqual([await plain.evaluate(x, y), await plain.predict(x)]);
    expect(order).toEqual(['aborted', 'aborted', 'first', 'last']);
    await expectSame(model, plain);
  });

  test('one of an evaluate in a callback ends that alone', async () => {
    const [model, plain] = await models();
    const { x, y } = data();
    const reasons: unknown[] = [];
    const onEpochEnd = async (_epoch: number, _logs: unknown, inside: ModelInTraining) => {
      const controller = new AbortController();
      const onTestBatchBegin = (batch: number) => (batch === 1 ? controller.abort('enough') : undefined);
      const { signal } = controller;
      reasons.push(await reasonOf(inside.evaluate(x, y, { callbacks: [{ onTestBatchBegin }], signal })));
    };
    expect(await model.fit(x, y, { callbacks: [{ onEpochEnd }] })).toEqual(await plain.fit(x, y));
    expect(reasons).toEqual(['enough']);
    await expectSame(model, plain);
  });

  test.each(calls)('%s removes what it adds to a signal', async (_call, call) => {
    const model = await makeModel(spec);
    const { signal } = new AbortController();
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    await call(model, data(), signal);
    expect(added.mock.calls.length).toBeGreaterThan(0);
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });

  test.each(calls)('%s refuses what is none', async (name, call) => {
    const model = await makeModel(spec);
    const says = [`model.${name}: signal is an AbortController, expected an AbortSignal`];
    await expectError(() => call(model, data(), anything(new AbortController())), ValueError, says);
  });
});
