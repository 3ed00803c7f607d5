import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam,
  dense,
  earlyStopping,
  embedding,
  LimitError,
  lstm,
  requestGpu,
  sequential,
  ShapeError,
  trainMany,
  ValueError,
  type LossName,
  type Model,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError, ramp, type Case } from '../builders/expect-error.ts';
import { weightsOf } from '../builders/make-model.ts';

const [COUNT, STEPS] = [3, 4];
const x = ramp(COUNT, STEPS, 1);

async function makeModel(loss: LossName, units = 1, options: Partial<SequentialOptions> = {}): Promise<Model> {
  const layers = [lstm({ units: 2, returnSequences: true }), dense({ units })];
  const model = await sequential(gpu, { inputShape: [STEPS, 1], layers, seed: 2, ...options });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss });
  return model;
}

/** Random targets from 0 to 1 for every step, with another number at one place. */
function withTarget(value: number, sample: number, step: number): number[][] {
  const random = rng(randomSeed());
  const y = Array.from({ length: COUNT }, () => Array.from({ length: STEPS }, () => random.uniform(0, 1)));
  y[sample][step] = value;
  return y;
}

describe('targets of binary cross-entropy are probabilities:', () => {
  test.each([-0.001, 1.001, -1, 2])('%f is refused, with its place', async (value) => {
    const model = await makeModel('binaryCrossentropy');
    const before = await weightsOf(model);
    const y = withTarget(value, 1, 2);
    const says = [`y holds ${Math.fround(value)} at [1, 2, 0], expected numbers from 0 to 1`, 'meanSquaredError'];
    await expectError(() => model.fit(x, y), ValueError, ['model.fit: ', ...says]);
    await expectError(() => model.evaluate(x, y), ValueError, ['model.evaluate: ', ...says]);
    await expectError(() => model.trainOnBatch(x, y), ValueError, ['model.trainOnBatch: ', ...says]);
    const validationData = [x, y] as const;
    await expectError(() => model.fit(x, withTarget(1, 0, 0), { validationData }), ValueError, [
      'model.fit: validationData[1] holds',
    ]);
    expect(await weightsOf(model)).toEqual(before);
  });

  test('any number is taken where it does not count, and by other losses', async () => {
    const model = await makeModel('binaryCrossentropy');
    const y = withTarget(-1, 1, 3);
    const other = y.map((row, n) => row.map((value, step) => (n === 1 && step === 3 ? 1 : value)));
    const lengths = [STEPS, STEPS - 1, STEPS];
    expect(await model.testOnBatch(x, y, { lengths })).toEqual(await model.testOnBatch(x, other, { lengths }));
    const sampleWeight = [1, 0, 2];
    expect(await model.testOnBatch(x, y, { sampleWeight })).toEqual(
      await model.testOnBatch(x, other, { sampleWeight }),
    );
    await expectError(() => model.testOnBatch(x, y, { lengths: [STEPS, STEPS, 1] }), ValueError, ['[1, 3, 0]']);
    await expectError(() => model.testOnBatch(x, y, { sampleWeight: [0, 1, 0] }), ValueError, ['[1, 3, 0]']);
    expect((await (await makeModel('mse')).testOnBatch(x, y)).loss).toBeGreaterThan(0);
  });
});

describe('targets of several classes', () => {
  test('below 0 are refused where they count', async () => {
    const model = await makeModel('categoricalCrossentropy', 3);
    const y = Array.from({ length: COUNT }, () => Array.from({ length: STEPS }, () => [0, 1, 0]));
    y[1][2] = [-1, 1, 1];
    await expectError(() => model.fit(x, y), ValueError, [
      'model.fit: y holds -1 at [1, 2, 0], expected numbers of at least 0, which categoricalCrossentropy takes',
    ]);
    expect((await model.testOnBatch(x, y, { sampleWeight: [1, 0, 1] })).loss).not.toBeNaN();
  });

  test('of the other form name the loss that takes them', async () => {
    const [sparse, dense] = [
      await makeModel('sparseCategoricalCrossentropy', 3),
      await makeModel('categoricalCrossentropy', 3),
    ];
    await expectError(() => sparse.fit(x, ramp(COUNT, STEPS, 3)), ShapeError, [
      'model.fit: y has shape [3, 4, 3]',
      'vectors with a 1 at the class are for the loss categoricalCrossentropy.',
    ]);
    await expectError(() => dense.fit(x, ramp(COUNT, STEPS)), ShapeError, [
      'model.fit: y has shape [3, 4]',
      'numbers of classes are for the loss sparseCategoricalCrossentropy.',
    ]);
  });
});

describe('classWeight names classes of the model:', () => {
  const cases: [loss: LossName, units: number, y: unknown, most: number][] = [
    ['binaryCrossentropy', 1, ramp(COUNT, STEPS, 1), 1],
    ['sparseCategoricalCrossentropy', 3, new Uint8Array(COUNT * STEPS), 2],
    ['categoricalCrossentropy', 3, ramp(COUNT, STEPS, 3), 2],
  ];
  test.each(cases)('%s with %i outputs', async (loss, units, y, most) => {
    const model = await makeModel(loss, units);
    const targets = anything(y);
    expect((await model.testOnBatch(x, targets, { classWeight: { 0: 1, [most]: 2 } })).loss).not.toBeNaN();
    const beyond = () => model.fit(x, targets, { classWeight: { 0: 1, [most + 1]: 2 } });
    const says = [`model.fit: classWeight has class "${most + 1}", expected classes from 0 to ${most}`];
    await expectError(beyond, ValueError, says);
  });

  test('where targets are any numbers, any whole number is a class', async () => {
    const model = await makeModel('mse');
    const y = withTarget(7, 0, 1);
    const weighted = await model.testOnBatch(x, y, { classWeight: { 7: 2 } });
    expect(weighted.loss).toBeGreaterThan((await model.testOnBatch(x, y)).loss);
  });
});

test('negative weights turn the gradient around', async () => {
  const [one, other] = [await makeModel('mse'), await makeModel('mse')];
  const y = withTarget(0.5, 0, 0);
  const [plus, minus] = [
    await one.testOnBatch(x, y, { sampleWeight: [1, 2, 3] }),
    await other.testOnBatch(x, y, { sampleWeight: [-1, -2, -3] }),
  ];
  expect(minus.loss).toBe(-plus.loss);
});

describe('messages fit what was given:', () => {
  const cases: Case<(model: Model) => unknown>[] = [
    [
      'rows of a model without states',
      (model) => model.resetStates([99]),
      ValueError,
      ['model.resetStates: slots is [99], and no layer of this model is stateful'],
    ],
    [
      'rows of a model without states, in a callback',
      (model) => model.fit(x, withTarget(1, 0, 0), { callbacks: [{ onEpochEnd: (_n, _logs, own) => own.resetStates([0]) }] }), // prettier-ignore
      ValueError,
      ['model.resetStates: slots is [0], and no layer of this model is stateful'],
    ],
    [
      'no number among targets',
      (model) => model.fit(x, withTarget(NaN, 1, 2)),
      ValueError,
      ['model.fit: y holds NaN at [1, 2]', 'a sampleWeight of 0'],
    ],
    [
      'no number among weights',
      (model) => model.fit(x, withTarget(1, 0, 0), { sampleWeight: [1, NaN, 1] }),
      ValueError,
      ['model.fit: sampleWeight holds NaN at [1], expected finite numbers. Give a number in every place.'],
    ],
    [
      'callbacks for many models as a list',
      (model) => trainMany([model], x, withTarget(1, 0, 0), { callbacks: anything([earlyStopping()]) }),
      ValueError,
      ['trainMany: callbacks is [an EarlyStopping]', 'callbacks: () => [earlyStopping()]'],
    ],
  ];
  test.each(cases)('%s', async (_what, call, error, says) => {
    const model = await makeModel('mse');
    await expectError(() => call(model), error, says);
  });

  test('an embedding takes steps, not features', async () => {
    const layers = [embedding({ inputDim: 9, outputDim: 2 }), lstm({ units: 2 })];
    const model = await sequential(gpu, { inputShape: [STEPS], layers });
    onTestFinished(() => model.dispose());
    const says = ['model.predict: x has shape [1, 1], expected [samples, timesteps = 4]'];
    await expectError(() => model.predict({ data: [3], shape: [1, 1] }), ShapeError, says);
  });

  test('data and weights that are too large for the device', async () => {
    // A device with default limits binds 128 MiB at once.
    const adapter = await navigator.gpu.requestAdapter();
    const device = await (adapter as GPUAdapter).requestDevice();
    onTestFinished(() => device.destroy());
    const small = await requestGpu({ device });
    await expectError(() => sequential(small, { inputShape: [2, 1], layers: [lstm({ units: 4000 })] }), LimitError, [
      'sequential: the weights of all layers together: shape [64032000] needs 256128000 bytes',
      'at most 33554432 numbers',
    ]);
    const model = await sequential(small, { inputShape: [STEPS, 1], layers: [dense({ units: 4 })] });
    model.compile({ optimizer: adam(), loss: 'mse' });
    const rows = 2 ** 23 + 1;
    const large = { data: new Float32Array(rows * STEPS), shape: [rows, STEPS, 1] };
    const many = { data: new Float32Array(16 * 3), shape: [3, 4, 4] };
    const shape = `shape [${rows}, 4, 1] needs`;
    await expectError(() => model.predict(large), LimitError, [`model.predict: x: ${shape}`, 'at most 8388608']);
    await expectError(() => model.predictOnBatch(large), LimitError, [`model.predictOnBatch: x: ${shape}`]);
    await expectError(() => model.predict({ data: large.data.subarray(0, 2 ** 25), shape: [2 ** 23, 4, 1] }), LimitError, [
      `model.predict: the predicted output: shape [8388608, 4, 4]`,
    ]); // prettier-ignore
    expect((await model.trainOnBatch(x, many)).loss).toBeGreaterThan(0);
  });
});
