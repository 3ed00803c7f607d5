import { describe, expect, test } from 'vitest';
import {
  BusyError,
  DisposedError,
  ShapeError,
  ValueError,
  adam,
  dense,
  gru,
  lstm,
  requestGpu,
  sequential,
  trainMany,
  type Model,
  type TrainManyOptions,
} from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError, ramp, type Case } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const spec: ModelSpec = {
  inputShape: [4, 1],
  batchSize: 2,
  layers: lstmAndHead(3, true),
  optimizer: { kind: 'adam', learningRate: 0.01 },
};
const [x, y] = [ramp(6, 4, 1), ramp(6, 1)];

describe('models that cannot be trained together are refused, and nothing is changed', () => {
  const beside = (other: Partial<ModelSpec>) => async (model: Model) =>
    trainMany([model, await makeModel({ ...spec, ...other })], x, y);
  const withOptions = (options: TrainManyOptions) => (model: Model) => trainMany([model], x, y, options);
  const cases: Case<(model: Model) => unknown>[] = [
    ['no list', (model) => trainMany(anything(model), x, y), ValueError, ['trainMany: models is', 'a list']],
    ['an empty list', () => trainMany([], x, y), ValueError, ['trainMany: models is', 'at least one model']],
    [
      'something else',
      (model) => trainMany([model, anything(7)], x, y),
      ValueError,
      ['trainMany: models[1] is 7', 'sequential()'],
    ],
    [
      'a model twice',
      (model) => trainMany([model, model], x, y),
      ValueError,
      ['trainMany: models[1] is models[0] again', 'Build another'],
    ],
    [
      'another optimizer',
      beside({ optimizer: { kind: 'sgd', learningRate: 0.1 } }),
      ValueError,
      ['trainMany: models[1] cannot', 'its optimizer is not adam', 'model.fit'],
    ],
    ['more units', beside({ layers: lstmAndHead(4, true) }), ValueError, ['models[1] differs', 'units of the lstm']],
    [
      'a loss of another kind',
      async (model) => {
        const other = await makeModel(spec);
        other.compile({ optimizer: adam(), loss: 'huber' });
        return trainMany([model, other], x, y);
      },
      ValueError,
      ['models[1] cannot', 'its loss is neither'],
    ],
    ['another loss', beside({ loss: 'meanSquaredError' }), ValueError, ['models[1] differs', 'in loss']],
    ['no metric', beside({ metrics: [] }), ValueError, ['models[1] differs from models[0] in metrics']],
    ['stateless beside stateful', beside({ layers: lstmAndHead(3, false) }), ValueError, ['in stateful layers']],
    ['more states', beside({ batchSize: 3 }), ValueError, ['models[1] differs from models[0] in batchSize']],
    [
      'other layers',
      async () => {
        const model = await sequential(gpu, { inputShape: [4, 1], layers: [gru({ units: 3 }), dense({ units: 1 })] });
        model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
        return trainMany([model], x, y);
      },
      ValueError,
      ['trainMany: models[0] cannot', 'its layers are not one lstm and one dense'],
    ],
    [
      'a model without a loss',
      async (model) =>
        trainMany([model, await sequential(gpu, { inputShape: [4, 1], layers: [lstm({ units: 1 })] })], x, y),
      ValueError,
      ['trainMany: models[1]: the model has no loss yet', 'model.compile('],
    ],
    [
      'a batch too large for a workgroup',
      async () => {
        const model = await makeModel({ ...spec, layers: lstmAndHead(3, false) });
        return trainMany([model], ramp(500, 4, 1), ramp(500, 1), { batchSize: 200 });
      },
      ValueError,
      ['trainMany: models[0] cannot', 'that a workgroup has', 'at this batch size'],
    ],
    ['more rows than states', withOptions({ batchSize: 3 }), ShapeError, ['trainMany: a batch of 3 rows']],
    ['no epochs', withOptions({ epochs: 0 }), ValueError, ['trainMany: epochs is 0']],
    ['shuffled states', withOptions({ shuffle: true }), ValueError, ['trainMany: shuffle is true', "'force'"]],
    [
      'an option of fit that it has not',
      withOptions(anything({ truncate: 2 })),
      ValueError,
      ['trainMany: there is no option "truncate"', 'onProgress'],
    ],
    [
      'one list of callbacks for all',
      withOptions(anything({ callbacks: [] })),
      ValueError,
      ['trainMany: callbacks is []', 'a function'],
    ],
    [
      'a callback with a function that nobody calls',
      withOptions({ callbacks: () => [anything({ onEpochStart: () => {} })] }),
      ValueError,
      ['trainMany: models[0]: callbacks[0] has "onEpochStart"', 'onEpochBegin'],
    ],
    [
      'validation data with weights',
      withOptions(anything({ validationData: [x, y, ramp(6)] })),
      ValueError,
      ['trainMany: validationData has a sampleWeight', 'model.fit'],
    ],
    [
      'resets within samples',
      withOptions({ resetStates: new Uint8Array(24).fill(1) }),
      ValueError,
      ['trainMany: resetStates marks steps within samples', 'model.fit'],
    ],
    [
      'x of another shape',
      (model) => trainMany([model], ramp(6, 3, 1), y),
      ShapeError,
      ['trainMany: x has shape [6, 3, 1]'],
    ],
    [
      'validation data of another shape',
      withOptions({ validationData: [x, ramp(6, 2)] }),
      ShapeError,
      ['trainMany: validationData[1] has shape [6, 2]'],
    ],
  ];
  test.each(cases)('%s', async (_what, call, error, says) => {
    const model = await makeModel(spec);
    const before = await weightsOf(model);
    await expectError(() => call(model), error, says);
    expect(await weightsOf(model)).toEqual(before);
    expect(await trainMany([model], x, y)).toHaveLength(1);
  });

  test('of two GPUs', async () => {
    const other = await requestGpu();
    const models = [await makeModel(spec), await makeModel(spec, other)];
    await expectError(() => trainMany(models, x, y), ValueError, ['trainMany: models[1] is on another GPU']);
    other.dispose();
  });

  test('disposed, or in another run', async () => {
    const [disposed, busy] = [await makeModel(spec), await makeModel(spec)];
    disposed.dispose();
    await expectError(() => trainMany([busy, disposed], x, y), DisposedError, ['trainMany: models[1]', 'disposed']);
    const fit = busy.fit(x, y);
    await expectError(() => trainMany([busy], x, y), BusyError, ['trainMany: models[0]', 'model.fit is still running']);
    await fit;
  });
});
