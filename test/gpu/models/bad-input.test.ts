import { describe, expect, test, vi } from 'vitest';
import {
  BusyError,
  DeviceLostError,
  DisposedError,
  LimitError,
  type LstmWebGpuError,
  ShapeError,
  ValueError,
  adam,
  dense,
  lstm,
  requestGpu,
  sequential,
  sgd,
  type FitOptions,
  type Model,
  type SequentialOptions,
} from '../../../src/index.ts';
import { gpu } from '../gpu.ts';
import { array, lstmAndHead, makeModel, weightsOf, type ModelSpec } from './make-model.ts';

type ErrorClass = new (message: string) => LstmWebGpuError;

/** What is done, the class of the error, and what its message must say: place, value, expectation, next step. */
type Case<Call> = [what: string, call: Call, error: ErrorClass, says: string[]];

const spec: ModelSpec = { inputShape: [4, 1], batchSize: 2, layers: lstmAndHead(3, true) };
const ramp = (...shape: number[]) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return array(
    Array.from({ length: size }, (_, index) => (index % 7) / 7),
    shape,
  );
};
const x = ramp(2, 4, 1);
const y = ramp(2, 1);
const withValue = (value: number, at: number) => {
  const wrong = ramp(2, 4, 1);
  wrong.data[at] = value;
  return wrong;
};
const anything = (value: unknown) => value as never;

/** The error of a call, whether it throws or rejects. */
async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('The call was accepted.');
}

async function expectError(call: () => unknown, error: ErrorClass, says: string[]): Promise<void> {
  const thrown = await errorOf(call);
  expect(thrown).toBeInstanceOf(error);
  for (const part of says) expect(thrown.message).toContain(part);
}

describe('bad data', () => {
  const fit = (options: FitOptions) => (model: Model) => model.fit(x, y, options);
  const cases: Case<(model: Model) => unknown>[] = [
    [
      'x without features',
      (model) => model.fit(ramp(2, 4), y),
      ShapeError,
      ['model.fit: x has shape [2, 4], expected [samples, timesteps = 4, features = 1]', 'give shape [2, 4, 1]'],
    ],
    [
      'x with other features',
      (model) => model.predict(ramp(2, 4, 3)),
      ShapeError,
      ['model.predict: x has shape [2, 4, 3]', 'features = 1', 'inputShape'],
    ],
    [
      'x with other timesteps',
      (model) => model.trainOnBatch(ramp(2, 5, 1), y),
      ShapeError,
      ['model.trainOnBatch: x has shape [2, 5, 1]', 'timesteps = 4'],
    ],
    [
      'more numbers than the shape has',
      (model) => model.testOnBatch({ data: new Float32Array(9), shape: [2, 4, 1] }, y),
      ShapeError,
      ['model.testOnBatch: x has 9 numbers and shape [2, 4, 1], which asks for 8'],
    ],
    [
      'uneven nested arrays',
      (model) => model.predictOnBatch([[[1], [2], [3], [4]], [[1]]]),
      ShapeError,
      ['model.predictOnBatch: x', 'uneven', '[2, 4, 1]'],
    ],
    ['no samples', (model) => model.fit(ramp(0, 4, 1), ramp(0, 1)), ShapeError, ['model.fit: x', 'no samples']],
    [
      'no array at all',
      (model) => model.fit(anything(undefined), y),
      ShapeError,
      ['model.fit: x', 'undefined', 'shape'],
    ],
    [
      'too few targets',
      (model) => model.fit(x, ramp(1, 1)),
      ShapeError,
      ['model.fit: y has shape [1, 1], expected [samples = 2, outputs = 1]', 'one target for each sample'],
    ],
    [
      'targets of another width',
      (model) => model.evaluate(x, ramp(2, 3)),
      ShapeError,
      ['model.evaluate: y has shape [2, 3]', 'outputs = 1'],
    ],
    [
      'NaN',
      (model) => model.fit(withValue(NaN, 5), y),
      ValueError,
      ['model.fit: x holds NaN at [1, 1, 0]', 'finite', 'missing values'],
    ],
    [
      'Infinity',
      (model) => model.trainOnBatch(withValue(Infinity, 0), y),
      ValueError,
      ['model.trainOnBatch: x holds Infinity at [0, 0, 0]', 'finite'],
    ],
    ['NaN in targets', (model) => model.fit(x, [[0], [NaN]]), ValueError, ['model.fit: y holds NaN at [1, 0]']],
    [
      'NaN in validation data',
      fit({ validationData: [withValue(NaN, 3), y] }),
      ValueError,
      ['model.fit: validationData[0] holds NaN at [0, 3, 0]'],
    ],
    [
      'validation targets of another shape',
      fit({ validationData: [x, ramp(3, 1)] }),
      ShapeError,
      ['model.fit: validationData[1] has shape [3, 1]', 'samples = 2'],
    ],
    [
      'more rows than slots, in fit',
      (model) => model.fit(ramp(3, 4, 1), ramp(3, 1), { batchSize: 3 }),
      ShapeError,
      ['model.fit: a batch of 3 rows', 'keeps 2 states', 'batchSize: 3'],
    ],
    [
      'more rows than slots, in one batch',
      (model) => model.predictOnBatch(ramp(3, 4, 1)),
      ShapeError,
      ['model.predictOnBatch: a batch of 3 rows', 'keeps 2 states'],
    ],
    ['no batch size', fit({ batchSize: 0 }), ValueError, ['model.fit: batchSize is 0', 'positive whole number']],
    ['half an epoch', fit({ epochs: 0.5 }), ValueError, ['model.fit: epochs is 0.5', 'positive whole number']],
    [
      'shuffle by name',
      fit({ shuffle: anything('batch') }),
      ValueError,
      ['model.fit: shuffle is "batch"', 'true or false'],
    ],
    [
      'an option that does not exist',
      fit(anything({ batch_size: 2 })),
      ValueError,
      ['model.fit: there is no option "batch_size"', 'batchSize'],
    ],
    [
      'a slot that does not exist',
      (model) => model.resetStates([0, 2]),
      ValueError,
      ['model.resetStates', 'no slot 2', '0 to 1'],
    ],
    [
      'an unknown loss',
      (model) => model.compile({ optimizer: adam(), loss: anything('crossentropy') }),
      ValueError,
      ['model.compile: loss is "crossentropy"', '"binaryCrossentropy"', '"meanSquaredError"'],
    ],
    [
      'an unknown metric',
      (model) => model.compile({ optimizer: adam(), loss: 'meanSquaredError', metrics: anything(['auc']) }),
      ValueError,
      ['model.compile: metrics is "auc"', '"accuracy"'],
    ],
    [
      'an optimizer by name',
      (model) => model.compile({ optimizer: anything('adam'), loss: 'meanSquaredError' }),
      ValueError,
      ['model.compile: optimizer is "adam"', 'adam()'],
    ],
    [
      'too few weights',
      (model) => model.setWeights([ramp(1, 12)]),
      ShapeError,
      ['model.setWeights: got 1 weights, expected 5', 'lstm/kernel [1, 12]'],
    ],
    [
      'weights in another order',
      (model) => model.setWeights([ramp(3, 12), ramp(1, 12), ramp(12), ramp(3, 1), ramp(1)]),
      ShapeError,
      ['model.setWeights: weight 0 has shape [3, 12]', 'lstm/kernel [1, 12]', 'order of getWeights()'],
    ],
    [
      'NaN in weights',
      (model) => model.setWeights([ramp(1, 12), ramp(3, 12), ramp(12), ramp(3, 1), array([NaN], [1])]),
      ValueError,
      ['model.setWeights: dense/bias holds NaN at index 0', 'finite'],
    ],
  ];

  test.each(cases)('%s', async (_what, call, error, says) => {
    const [model, untouched] = [await makeModel(spec), await makeModel(spec)];
    for (const each of [model, untouched]) await each.trainOnBatch(x, y);
    await expectError(() => call(model), error, says);
    // As if nothing had been asked: weights, states, and the optimizer too.
    expect(await weightsOf(model)).toEqual(await weightsOf(untouched));
    expect(await model.predictOnBatch(x)).toEqual(await untouched.predictOnBatch(x));
    expect(await model.trainOnBatch(x, y)).toEqual(await untouched.trainOnBatch(x, y));
    expect(await weightsOf(model)).toEqual(await weightsOf(untouched));
  });
});

describe('a model that cannot be built', () => {
  const build = (options: Partial<SequentialOptions>) => () =>
    sequential(gpu, { inputShape: [4, 1], layers: [lstm({ units: 3 })], ...options });
  const cases: Case<() => unknown>[] = [
    [
      'stateful without a batch size',
      build({ layers: [lstm({ units: 3, stateful: true })] }),
      ValueError,
      ['sequential: a stateful layer', 'batchSize is missing', 'batchSize: 1'],
    ],
    ['no layers', build({ layers: [] }), ValueError, ['sequential: layers is empty', 'at least one']],
    [
      'no input shape',
      build({ inputShape: anything(undefined) }),
      ShapeError,
      ['sequential: inputShape is undefined', '[timesteps, features]'],
    ],
    [
      'an input shape with a batch',
      build({ inputShape: [2, 4, 1] }),
      ShapeError,
      ['sequential: inputShape is [2, 4, 1]', 'without the batch'],
    ],
    ['zero features', build({ inputShape: [4, 0] }), ShapeError, ['sequential: inputShape is [4, 0]']],
    [
      'a batch size of 1.5',
      build({ batchSize: 1.5 }),
      ValueError,
      ['sequential: batchSize is 1.5', 'positive whole number'],
    ],
    ['a seed that is none', build({ seed: NaN }), ValueError, ['sequential: seed is NaN', 'finite']],
    [
      'an LSTM behind one that keeps the last step only',
      build({ layers: [lstm({ units: 3 }), lstm({ units: 3 })] }),
      ShapeError,
      ['lstm_1', 'returnSequences: true'],
    ],
    ['no units', () => lstm({ units: 0 }), ValueError, ['lstm: units is 0', 'positive whole number']],
    ['units missing', () => dense(anything({})), ValueError, ['dense: units is undefined']],
    [
      'an unknown activation',
      () => dense({ units: 1, activation: anything('softmax') }),
      ValueError,
      ['dense: activation is "softmax"', '"sigmoid"'],
    ],
    [
      'an unknown gate',
      () => lstm({ units: 1, recurrentActivation: anything('relu') }),
      ValueError,
      ['lstm: recurrentActivation is "relu"', '"hardSigmoidLegacy"'],
    ],
    [
      "Keras' spelling in Python",
      () => lstm(anything({ units: 1, return_sequences: true })),
      ValueError,
      ['no option "return_sequences"', 'returnSequences'],
    ],
    [
      'a learning rate below zero',
      () => sgd({ learningRate: -1 }),
      ValueError,
      ['sgd: learningRate is -1', 'at least 0'],
    ],
    ['a momentum of 1', () => sgd({ momentum: 1 }), ValueError, ['sgd: momentum is 1', 'below 1']],
    ['a beta of 1', () => adam({ beta2: 1 }), ValueError, ['adam: beta2 is 1', 'below 1']],
    [
      'an unknown option of an optimizer',
      () => adam(anything({ lr: 1 })),
      ValueError,
      ['adam: there is no option "lr"', 'learningRate'],
    ],
  ];
  test.each(cases)('%s', (_what, call, error, says) => expectError(call, error, says));
});

test('data too large for the device, which then holds no more than before', async () => {
  // A device with default limits binds 128 MiB at once.
  const adapter = await navigator.gpu.requestAdapter();
  const device = await (adapter as GPUAdapter).requestDevice();
  const model = await makeModel(spec, await requestGpu({ device }));
  const rows = 2 ** 23 + 1;
  const large = { data: new Float32Array(rows * 4), shape: [rows, 4, 1] };
  const targets = { data: new Float32Array(rows), shape: [rows, 1] };
  const says = [`[${rows}, 4, 1]`, 'at most 8388608'];
  await model.fit(x, y, { validationData: [x, y] });
  await model.predict(x);

  const createBuffer = vi.spyOn(device, 'createBuffer');
  const destroy = vi.spyOn(GPUBuffer.prototype, 'destroy');
  await expectError(() => model.predict(large), LimitError, says);
  await expectError(() => model.fit(x, y, { validationData: [large, targets] }), LimitError, says);
  const made = createBuffer.mock.results.map(({ value }) => value as GPUBuffer);
  const destroyed = new Set(destroy.mock.contexts);
  vi.restoreAllMocks();
  expect(made.filter((buffer) => !destroyed.has(buffer)).map(({ label }) => label)).toEqual([]);
  expect((await model.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
  device.destroy();
});

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
  ];

  test.each(methods)('%s after dispose', async (name, call) => {
    const model = await makeModel(spec);
    model.dispose();
    model.dispose();
    await expectError(() => call(model), DisposedError, [`model.${name}`, 'disposed', 'sequential()']);
  });

  test.each(methods.filter(([name]) => !['getWeights', 'resetStates'].includes(name)))(
    '%s while a fit runs, which then ends as if nothing had been',
    async (name, call) => {
      const [model, undisturbed] = [await makeModel(spec), await makeModel(spec)];
      const running = model.fit(x, y, { epochs: 3 });
      await expectError(() => call(model), BusyError, [
        `model.${name}`,
        'model.fit is still running',
        'Await it first',
      ]);
      expect(await running).toEqual(await undisturbed.fit(x, y, { epochs: 3 }));
      expect(await weightsOf(model)).toEqual(await weightsOf(undisturbed));
    },
  );

  test.each(methods)('%s after the loss of the device', async (name, call) => {
    const own = await requestGpu();
    const model = await makeModel(spec, own);
    await model.trainOnBatch(x, y);
    own.device.destroy();
    await own.lost;
    await expectError(() => call(model), DeviceLostError, [`model.${name}`, 'lost', 'requestGpu()', 'setWeights()']);
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

  test('compile and setWeights while batches wait, which are trained on all the same', async () => {
    const [model, undisturbed] = [await makeModel(spec), await makeModel(spec)];
    const waiting = model.trainOnBatch(x, y);
    const weights = (await undisturbed.getWeights()).map(({ shape }) => ramp(...shape));
    const again = model.trainOnBatch(x, y);
    await expectError(() => model.setWeights(weights), BusyError, ['model.setWeights', 'Await']);
    await expectError(() => model.compile({ optimizer: adam(), loss: 'meanSquaredError' }), BusyError, [
      'model.compile',
      'Await',
    ]);
    const expected = [await undisturbed.trainOnBatch(x, y), await undisturbed.trainOnBatch(x, y)];
    expect([await waiting, await again]).toEqual(expected);
  });

  test('building a model on a disposed GPU', async () => {
    const own = await requestGpu();
    own.dispose();
    await expectError(() => makeModel(spec, own), DisposedError, ['sequential', 'requestGpu()']);
  });
});

describe('an end in the middle', () => {
  const [many, targets] = [ramp(200, 4, 1), ramp(200, 1)];

  /** A call on a model that is disposed meanwhile may still give its result or say that the model is gone. */
  const endOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => 'ended',
      (error: unknown) => (error instanceof DisposedError ? 'ended' : error),
    );

  test('a callback that throws ends fit with its error, and the model goes on', async () => {
    // A GPU of its own: one that refused a command would fail the tests after this one too.
    const own = await requestGpu();
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
    own.dispose();
  });

  test('dispose while batches wait does no harm to the device', async () => {
    const own = await requestGpu();
    const model = await makeModel(spec, own);
    const waiting = [model.trainOnBatch(x, y), model.testOnBatch(x, y), model.predictOnBatch(x)];
    model.dispose();
    for (const call of waiting) expect(await endOf(call)).toBe('ended');
    const other = await makeModel(spec, own);
    expect((await other.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
    own.dispose();
  });

  test('dispose during fit ends it without harm to the device', async () => {
    const own = await requestGpu();
    const model = await makeModel(spec, own);
    const running = model.fit(many, targets, {
      epochs: 100,
      callbacks: [{ onBatchBegin: (batch) => (batch === 3 ? model.dispose() : undefined) }],
    });
    expect(await endOf(running)).toBe('ended');
    const other = await makeModel(spec, own);
    expect((await other.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
    own.dispose();
  });
});
