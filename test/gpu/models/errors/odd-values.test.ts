import { describe, expect, onTestFinished, test } from 'vitest';
import {
  LimitError,
  LstmWebGpuError,
  ValueError,
  adam,
  dense,
  lstm,
  requestGpu,
  sequential,
  trainMany,
  type FitOptions,
  type Model,
} from '../../../../src/index.ts';
import * as library from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError, ramp } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, type ModelSpec } from '../builders/make-model.ts';
import { SLOTS } from '../builders/stateful-models.ts';

const spec: ModelSpec = { inputShape: [4, 2], batchSize: SLOTS, layers: lstmAndHead(5, true) };

describe('whatever is given, an error is one of the library', () => {
  const odd: unknown[] = [
    null,
    undefined,
    0,
    -1,
    NaN,
    3.5,
    'epoch',
    '',
    true,
    {},
    [],
    [null],
    [[]],
    () => 5,
    Symbol('s'),
    5n,
    new Map([[0, 1]]),
  ];

  /** The call may succeed, or throw or reject with an error of the library. */
  async function expectOurs(what: string, call: () => unknown): Promise<void> {
    let error: unknown;
    try {
      const result = await call();
      if (typeof (result as Model | undefined)?.dispose === 'function') (result as Model).dispose();
    } catch (thrown) {
      error = thrown;
    }
    if (error === undefined || error instanceof LstmWebGpuError) return;
    expect.fail(`${what}: ${(error as Error).name}: ${(error as Error).message}`);
  }
  const told = (value: unknown) =>
    typeof value === 'symbol'
      ? 'a symbol'
      : typeof value === 'function'
        ? 'a function'
        : typeof value === 'bigint'
          ? `${value}n`
          : (JSON.stringify(value) ?? String(value));

  const [x, y] = [ramp(3, 4, 2), ramp(3, 1)];

  test('in the arguments of every call of a model', async () => {
    const model = await makeModel(spec);
    for (const value of odd.map(anything)) {
      const calls: Record<string, () => unknown> = {
        'fit x': () => model.fit(value, y),
        'fit y': () => model.fit(x, value),
        'fit options': () => model.fit(x, y, value),
        'evaluate x': () => model.evaluate(value, y),
        'evaluate y': () => model.evaluate(x, value),
        'evaluate options': () => model.evaluate(x, y, value),
        'predict x': () => model.predict(value),
        'predict options': () => model.predict(x, value),
        'trainOnBatch x': () => model.trainOnBatch(value, y),
        'trainOnBatch y': () => model.trainOnBatch(x, value),
        'trainOnBatch options': () => model.trainOnBatch(x, y, value),
        'testOnBatch x': () => model.testOnBatch(value, y),
        'testOnBatch options': () => model.testOnBatch(x, y, value),
        'predictOnBatch x': () => model.predictOnBatch(value),
        'predictOnBatch options': () => model.predictOnBatch(x, value),
        resetStates: () => model.resetStates(value),
        setWeights: () => model.setWeights(value),
        setStates: () => model.setStates(value),
        'setStates selection': () => model.setStates([ramp(3, 5), ramp(3, 5)], value),
        getStates: () => model.getStates(value),
        compile: () => model.compile(value),
        'trainMany models': () => trainMany(value, x, y),
        'trainMany options': () => trainMany([model], x, y, value),
      };
      for (const [name, call] of Object.entries(calls)) await expectOurs(`${name}: ${told(value)}`, call);
    }
  });

  test('in every option of a call', async () => {
    const model = await makeModel(spec);
    const names: (keyof FitOptions)[] = [
      'batchSize',
      'epochs',
      'shuffle',
      'lengths',
      'sampleWeight',
      'classWeight',
      'initialState',
      'validationData',
      'validationLengths',
      'validationStates',
      'resetStates',
      'truncate',
      'callbacks',
      'onProgress',
    ];
    for (const name of names) {
      for (const value of [...odd, [x, y, null], [x], { onEpochEnd: 5 }, [{ onEpochEnd: 5 }], { 0: null }]) {
        await expectOurs(`fit ${name}: ${told(value)}`, () => model.fit(x, y, { [name]: value }));
        if (['lengths', 'sampleWeight', 'initialState', 'resetStates', 'callbacks', 'batchSize'].includes(name)) {
          await expectOurs(`evaluate ${name}: ${told(value)}`, () => model.evaluate(x, y, { [name]: value }));
        }
        if (['lengths', 'initialState', 'batchSize'].includes(name)) {
          await expectOurs(`predict ${name}: ${told(value)}`, () => model.predict(x, { [name]: value }));
        }
      }
    }
  });

  test('in every option of compile, sequential and requestGpu', async () => {
    const model = await makeModel(spec);
    for (const value of [...odd, [5], lstm]) {
      for (const name of ['optimizer', 'loss', 'metrics', 'weightedMetrics']) {
        const options = { optimizer: adam(), loss: 'meanSquaredError', [name]: value };
        await expectOurs(`compile ${name}: ${told(value)}`, () => model.compile(options as never));
      }
      for (const name of ['inputShape', 'batchSize', 'layers', 'seed', 'schedule', 'precision']) {
        const options = { inputShape: [4, 2], layers: [dense({ units: 1 })], [name]: value };
        await expectOurs(`sequential ${name}: ${told(value)}`, () => sequential(gpu, options as never));
      }
      await expectOurs(`sequential gpu: ${told(value)}`, () =>
        sequential(anything(value), anything({ inputShape: [4, 2], layers: [dense({ units: 1 })] })),
      );
      await expectOurs(`sequential options: ${told(value)}`, () => sequential(gpu, anything(value)));
      await expectOurs(`requestGpu: ${told(value)}`, () => requestGpu(anything(value)));
      for (const name of ['device', 'powerPreference', 'tuning']) {
        await expectOurs(`requestGpu ${name}: ${told(value)}`, () => requestGpu({ [name]: value }));
      }
    }
  });

  test('in every function that makes a layer, an optimizer, a schedule, a loss or a callback', async () => {
    const makers = Object.entries(library).filter(
      ([name, value]) =>
        typeof value === 'function' && /^[a-z]/.test(name) && !['requestGpu', 'sequential', 'trainMany'].includes(name),
    ) as [string, (...args: unknown[]) => unknown][];
    expect(makers.length).toBeGreaterThan(20);
    for (const [name, make] of makers) {
      for (const value of odd) {
        await expectOurs(`${name}(${told(value)})`, () => make(value));
        await expectOurs(`${name}({ units: 2 }, ${told(value)})`, () => make({ units: 2 }, value));
      }
    }
  });

  test('in an initializer of the caller', async () => {
    for (const give of [
      () => new Float32Array(3),
      () => NaN,
      () => undefined,
      () => Float32Array.of(NaN, 1),
      () => [1, 2],
    ]) {
      const layers = [dense({ units: 1, kernelInitializer: anything(give) })];
      await expectOurs(String(give), () => sequential(gpu, { inputShape: [2], layers }));
    }
    const nan = dense({ units: 1, kernelInitializer: () => Float32Array.of(NaN, 1) });
    await expectError(() => sequential(gpu, { inputShape: [2], layers: [nan] }), ValueError, [
      'kernelInitializer',
      'NaN',
    ]);
  });
});

test.each([
  ['dense', () => dense({ units: 1e8 })],
  ['lstm', () => lstm({ units: 1e6 })],
])('a %s layer that no device can hold is refused before anything is worked out', async (_name, layer) => {
  let isInitialized = false;
  const first = dense({
    units: 2,
    kernelInitializer: (shape) => {
      isInitialized = true;
      return new Float32Array(shape[0] * shape[1]);
    },
  });
  const own = await requestGpu();
  onTestFinished(() => own.dispose());
  await expectError(() => sequential(own, { inputShape: [4, 2], layers: [first, layer()] }), LimitError, [
    'weights',
    'bytes',
  ]);
  expect(isInitialized).toBe(false);
});
