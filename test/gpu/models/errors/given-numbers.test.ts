import { describe, expect, onTestFinished, test } from 'vitest';
import {
  LimitError,
  LstmWebGpuError,
  ShapeError,
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
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError, ramp } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';
import { SLOTS, close, statefulModels } from '../builders/stateful-models.ts';
import { expectClose } from '../../../harness/expect-close.ts';

const spec: ModelSpec = { inputShape: [4, 2], batchSize: SLOTS, layers: lstmAndHead(5, true) };

describe('weights and states are taken in every form, and land where they belong', () => {
  const kinds = [Float64Array, Int32Array, Int8Array, BigInt64Array, Array] as const;

  test.each(kinds.map((kind) => [kind.name, kind] as const))('weights as %s', async (_name, kind) => {
    const random = rng(randomSeed());
    const model = await makeModel(spec);
    const shapes = (await model.getWeights()).map(({ shape }) => shape);
    const numbers = shapes.map((shape) => Array.from({ length: sizeOf(shape) }, () => random.integer(-100, 100)));
    const given = numbers.map((list, n) => ({
      shape: shapes[n],
      data: kind === BigInt64Array ? BigInt64Array.from(list.map(BigInt)) : (kind as typeof Array).from(list),
    }));
    model.setWeights(anything(given));
    expect(await weightsOf(model)).toEqual(numbers.map((list) => Float32Array.from(list)));
  });

  test('weights out of JSON, nested, without shapes', async () => {
    const [model, other] = [await makeModel(spec), await makeModel({ ...spec, seed: 8 })];
    const weights = await model.getWeights();
    const nested = weights.map(({ data, shape }) =>
      shape.length === 1
        ? [...data]
        : Array.from({ length: shape[0] }, (_, row) => [...data.subarray(row * shape[1], (row + 1) * shape[1])]),
    );
    other.setWeights(JSON.parse(JSON.stringify(nested)) as never);
    expect(await weightsOf(other)).toEqual(await weightsOf(model));
  });

  test('a state of one slot leaves the others alone, whatever its kind', async () => {
    const model = await makeModel(spec);
    const { x } = makeSamples(rng(randomSeed()), spec, SLOTS);
    await model.predictOnBatch(x);
    const before = await model.getStates({ slots: [1, 2] });
    const given = Float64Array.from({ length: 5 }, (_, n) => -0.0154 * n);
    model.setStates([{ shape: [1, 5], data: given }, [[1, 2, 3, 4, 5]]], { slots: [0] });
    expect(await model.getStates({ slots: [1, 2] })).toEqual(before);
    const [h, c] = await model.getStates({ slots: [0] });
    expect([h.data, c.data]).toEqual([Float32Array.from(given), Float32Array.of(1, 2, 3, 4, 5)]);
  });

  test('what a model gave out it takes again, also NaN and Infinity', async () => {
    const model = await makeModel(spec);
    const weights = (await model.getWeights()).map((weight, n) => ({
      ...weight,
      data: weight.data.map((value, index) => (index === 0 ? [NaN, Infinity, -Infinity][n % 3] : value)),
    }));
    model.setWeights(weights);
    expect(await model.getWeights()).toEqual(weights);
    model.setWeights(await model.getWeights());
    expect(await model.getWeights()).toEqual(weights);
    const states = (await model.getStates()).map((state) => ({ ...state, data: state.data.fill(NaN) }));
    model.setStates(states);
    expect(await model.getStates()).toEqual(states);
  });

  const refusals: [
    what: string,
    change: (weights: library.Weight[]) => unknown,
    error: typeof ValueError,
    says: string[],
  ][] = [
    [
      'names that are swapped',
      ([a, b, ...rest]) => [{ ...a, name: b.name }, { ...b, name: a.name }, ...rest],
      ValueError,
      ['weight 0 is named', 'expected "lstm/kernel"'],
    ],
    [
      'a missing value in the last weight',
      (all) => [...all.slice(0, -1), { ...all.at(-1)!, data: [null] }],
      ValueError,
      ['dense/bias', 'holds null', 'null'],
    ],
    [
      'twice the numbers in the last weight',
      (all) => [...all.slice(0, -1), { ...all.at(-1)!, data: new Float32Array(2) }],
      ShapeError,
      ['dense/bias', '2 numbers'],
    ],
    ['undefined', () => undefined, ShapeError, ['got undefined', 'expected a list of 5 weights']],
    ['an undefined weight', (all) => [...all.slice(0, -1), undefined], ShapeError, ['dense/bias', 'undefined']],
    [
      'a typed array that went through JSON',
      (all) => all.map((weight) => JSON.parse(JSON.stringify(weight)) as unknown),
      ShapeError,
      ['lstm/kernel', 'Array.from'],
    ],
    [
      'a number too large for float32',
      (all) => [...all.slice(0, -1), { ...all.at(-1)!, data: [1e39] }],
      ValueError,
      ['1e+39', 'float32'],
    ],
  ];
  test.each(refusals)('refused, and nothing is changed: %s', async (_what, change, error, says) => {
    const model = await makeModel(spec);
    const before = await model.getWeights();
    const other = before.map((weight) => ({ ...weight, data: weight.data.map((value) => value + 1) }));
    await expectError(() => model.setWeights(anything(change(other))), error, ['model.setWeights', ...says]);
    expect(await model.getWeights()).toEqual(before);
    await model.fit(ramp(3, 4, 2), ramp(3, 1), {
      callbacks: [
        {
          onTrainBegin: (inside) =>
            expectError(() => inside.setWeights(anything(change(other))), error, ['model.setWeights', ...says]),
        },
      ],
    });
  });

  test('states of the wrong name or with a missing value are refused before any is written', async () => {
    const model = await makeModel(spec);
    await model.predictOnBatch(ramp(3, 4, 2));
    const before = await model.getStates();
    const [h, c] = before.map((state) => ({ ...state, data: state.data.map(() => 1) }));
    await expectError(() => model.setStates([c, h]), ValueError, ['state 0 is named "lstm/c"', 'expected "lstm/h"']);
    const holed = { ...c, data: anything([null, ...c.data.subarray(1)]) };
    await expectError(() => model.setStates([h, holed]), ValueError, ['lstm/c', 'holds null']);
    expect(await model.getStates()).toEqual(before);
  });
});

describe('a batch size larger than the data is cut to it', () => {
  const rowsOf = (model: Model) => new Set(model.explain().map(({ batchSize }) => batchSize));

  test('in fit, evaluate, predict and validation, with the same results', async () => {
    const stateless = { ...spec, layers: lstmAndHead(5, false), batchSize: undefined };
    const [large, exact] = [await makeModel(stateless), await makeModel(stateless)];
    const { x, y } = makeSamples(rng(randomSeed()), spec, 2);
    const run = async (model: Model, batchSize?: number) => [
      await model.fit(x, y, { batchSize, shuffle: false, validationData: [x, y] }),
      await model.evaluate(x, y, { batchSize }),
      (await model.predict(x, { batchSize })).data,
    ];
    expect(await run(large, 2000)).toEqual(await run(exact, 2));
    expect(rowsOf(large)).toEqual(new Set([2]));
    await run(large);
    expect(rowsOf(large)).toEqual(new Set([2]));
  });

  test('in trainMany', async () => {
    const adamSpec: ModelSpec = {
      ...spec,
      layers: lstmAndHead(5, false),
      batchSize: undefined,
      optimizer: { kind: 'adam', learningRate: 0.01 },
    };
    const [large, exact] = [await makeModel(adamSpec), await makeModel(adamSpec)];
    const { x, y } = makeSamples(rng(randomSeed()), spec, 2);
    expect(await trainMany([large], x, y, { batchSize: 500, shuffle: false })).toEqual([
      await exact.fit(x, y, { shuffle: false }),
    ]);
  });

  test.each(statefulModels)('and %s keeps its slots', async (_name, stateful) => {
    const [large, exact] = [await makeModel(stateful), await makeModel(stateful)];
    const { x, y } = makeSamples(rng(randomSeed()), stateful, 2);
    expect(await large.fit(x, y, { batchSize: 2000 })).toEqual(await exact.fit(x, y, { batchSize: 2 }));
    expect(await large.getStates()).toEqual(await exact.getStates());
  });
});

describe('a reset on a step of padding', () => {
  test('takes effect at the next step that counts', async () => {
    const random = rng(randomSeed());
    const sequences: ModelSpec = {
      inputShape: [4, 2],
      batchSize: 1,
      layers: [
        { kind: 'lstm', units: 3, stateful: true },
        { kind: 'dense', units: 1 },
      ],
      loss: 'meanSquaredError',
      metrics: [],
    };
    const [marked, byHand] = [await makeModel(sequences), await makeModel(sequences)];
    const { x, y } = makeSamples(random, sequences, 2);
    // Two steps of the first sample count; the mark is on its last step, so the second sample starts from zero.
    const resetStates = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0);
    const { loss } = await marked.evaluate(x, y, { lengths: [2, 4], resetStates });
    const one = (n: number) =>
      [
        { data: x.data.slice(n * 8, n * 8 + 8), shape: [1, 4, 2] },
        { data: y.data.slice(n, n + 1), shape: [1, 1] },
      ] as const;
    const first = await byHand.evaluate(...one(0), { lengths: [2] });
    byHand.resetStates();
    const second = await byHand.evaluate(...one(1));
    expectClose([loss], [(first.loss + second.loss) / 2], { ...close, what: 'loss' });
    const [h] = await marked.getStates();
    expectClose(h.data, (await byHand.getStates())[0].data, { ...close, what: 'state' });
  });
});

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

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
