import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BusyError,
  DeviceLostError,
  DisposedError,
  ValueError,
  adam,
  lstm,
  requestGpu,
  sequential,
  type Gpu,
  type Model,
} from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { expectError, ramp } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [4, 1], batchSize: 2, layers: lstmAndHead(3, true) };
const [x, y] = [ramp(2, 4, 1), ramp(2, 1)];

describe('at the wrong time', () => {
  test('training before compile', async () => {
    const model = await sequential(gpu, { inputShape: [4, 1], layers: [lstm({ units: 1 })] });
    await expectError(() => model.fit(x, y), ValueError, ['model.fit', 'no loss yet', 'model.compile(']);
    await expectError(() => model.trainOnBatch(x, y), ValueError, ['model.trainOnBatch', 'model.compile(']);
    expect((await model.predictOnBatch(x)).shape).toEqual([2, 1]);
    model.dispose();
  });

  const methods: [name: string, call: (model: Model) => unknown][] = [
    ['fit', (model) => model.fit(x, y)],
    ['evaluate', (model) => model.evaluate(x, y)],
    ['predict', (model) => model.predict(x)],
    ['trainOnBatch', (model) => model.trainOnBatch(x, y)],
    ['testOnBatch', (model) => model.testOnBatch(x, y)],
    ['predictOnBatch', (model) => model.predictOnBatch(x)],
    ['compile', (model) => model.compile({ optimizer: adam(), loss: 'meanSquaredError' })],
    ['getWeights', (model) => model.getWeights()],
    ['setWeights', (model) => model.setWeights([])],
    ['resetStates', (model) => model.resetStates()],
    ['learningRate', (model) => (model.learningRate = 1)],
  ];
  const refusedDuringFit = methods.filter(([name]) => !['getWeights', 'resetStates', 'learningRate'].includes(name));

  test.each(methods)('%s after dispose', async (name, call) => {
    const model = await makeModel(spec);
    model.dispose();
    model.dispose();
    await expectError(() => call(model), DisposedError, [`model.${name}`, 'disposed', 'sequential()']);
  });

  test.each(refusedDuringFit)('%s while a fit runs, which then ends as if nothing had been', async (name, call) => {
    const [model, undisturbed] = [await makeModel(spec), await makeModel(spec)];
    const running = model.fit(x, y, { epochs: 3 });
    await expectError(() => call(model), BusyError, [`model.${name}`, 'model.fit is still running', 'Await it first']);
    expect(await running).toEqual(await undisturbed.fit(x, y, { epochs: 3 }));
    expect(await weightsOf(model)).toEqual(await weightsOf(undisturbed));
  });

  test('all methods after the loss of the device', async () => {
    const own = await requestGpu();
    const model = await makeModel(spec, own);
    await model.trainOnBatch(x, y);
    own.device.destroy();
    await own.lost;
    for (const [name, call] of methods) {
      await expectError(() => call(model), DeviceLostError, [`model.${name}`, 'lost', 'requestGpu()', 'setWeights()']);
    }
  });

  test('the loss of the device during fit ends it with an error', async () => {
    const own = await requestGpu();
    const model = await makeModel(spec, own);
    const running = model.fit(x, y, {
      epochs: 1000,
      callbacks: [{ onEpochBegin: (epoch) => (epoch === 3 ? own.device.destroy() : undefined) }],
    });
    await expectError(() => running, DeviceLostError, ['lost', 'requestGpu()']);
  });

  test('building a model on a disposed GPU', async () => {
    const own = await requestGpu();
    own.dispose();
    await expectError(() => makeModel(spec, own), DisposedError, ['sequential', 'requestGpu()']);
  });
});

describe('a method without its model', () => {
  const methods = [
    'compile',
    'fit',
    'evaluate',
    'predict',
    'trainOnBatch',
    'testOnBatch',
    'predictOnBatch',
    'resetStates',
    'getWeights',
    'setWeights',
    'getStates',
    'setStates',
    'explain',
    'dispose',
  ] as const;
  test.each(methods)('%s says so', async (name) => {
    const model = await makeModel(spec);
    const method = model[name] as (...args: unknown[]) => unknown;
    await expectError(() => method(x, y), ValueError, [
      `model.${name}: called without its model`,
      'on the model itself',
    ]);
    expect((await model.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
  });

  test('or on a proxy, as reactive frameworks make them, says so', async () => {
    const proxy = new Proxy(await makeModel(spec), {});
    await expectError(() => proxy.predict(x), ValueError, [
      'model.predict: called',
      'on a proxy of it',
      'on the model itself',
    ]);
  });

  test.each(['fit', 'compile', 'trainOnBatch', 'testOnBatch', 'predictOnBatch', 'dispose'])(
    '%s, which the model of a callback does not have, says so',
    async (name) => {
      const model = await makeModel(spec);
      const onEpochEnd = async (_epoch: number, _logs: unknown, inside: object) => {
        const call = () => (inside as Record<string, (...args: unknown[]) => unknown>)[name](x, y);
        await expectError(call, BusyError, ['a callback of model.fit', `has no ${name}`, 'Call']);
        expect(Object.keys(inside)).not.toContain(name);
      };
      expect((await model.fit(x, y, { callbacks: [{ onEpochEnd }] })).epoch).toEqual([0]);
    },
  );
});

describe('an end in the middle', () => {
  const [many, targets] = [ramp(200, 4, 1), ramp(200, 1)];

  // A GPU of their own: one that refused a command would fail the tests after these too.
  let own: Gpu;
  beforeAll(async () => {
    own = await requestGpu();
  });
  afterAll(() => own.dispose());

  /** A call on a model that is disposed meanwhile may still give its result or say that the model is gone. */
  const endOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => 'ended',
      (error: unknown) => (error instanceof DisposedError ? 'ended' : error),
    );

  test('a callback that throws ends fit with its error, and the model goes on', async () => {
    const model = await makeModel(spec, own);
    const failing = model.fit(many, targets, {
      callbacks: [
        {
          onBatchBegin(batch) {
            if (batch === 3) throw new RangeError('enough');
          },
        },
      ],
    });
    await expect(failing).rejects.toThrow(RangeError);
    const { history } = await model.fit(many, targets, { epochs: 2 });
    expect(history.loss).toHaveLength(2);
    expect(history.loss.every(Number.isFinite)).toBe(true);
  });

  test('dispose while batches wait does no harm to the device', async () => {
    const model = await makeModel(spec, own);
    const waiting = [model.trainOnBatch(x, y), model.testOnBatch(x, y), model.predictOnBatch(x)];
    model.dispose();
    for (const call of waiting) expect(await endOf(call)).toBe('ended');
    const other = await makeModel(spec, own);
    expect((await other.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
  });

  test('dispose during fit ends it without harm to the device', async () => {
    const model = await makeModel(spec, own);
    const running = model.fit(many, targets, {
      epochs: 100,
      callbacks: [{ onBatchBegin: (batch) => (batch === 3 ? model.dispose() : undefined) }],
    });
    expect(await endOf(running)).toBe('ended');
    const other = await makeModel(spec, own);
    expect((await other.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
  });
});
