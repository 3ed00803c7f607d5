import { describe, expect, test } from 'vitest';
import {
  BusyError,
  earlyStopping,
  reduceLROnPlateau,
  trainMany,
  type Callback,
  type Logs,
  type Model,
  type TrainManyOptions,
} from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const INPUT: readonly [number, number] = [4, 2];
/** An odd number of models have a workgroup each; of an even number two share one on a software adapter. */
const [ODD, EVEN] = [5, 4];
/** Of all models, so that they share their kernels; 17 samples leave a last batch that is not full. */
const BATCH = 3;

/** Models that differ in their weights, in the order of their samples, and in how fast they learn. */
const makeModels = (spec: Partial<ModelSpec> = {}, count = ODD) =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      makeModel({
        inputShape: INPUT,
        layers: lstmAndHead(3, false),
        ...spec,
        seed: n,
        optimizer: { kind: 'adam', learningRate: 0.01 * (n + 1) },
      }),
    ),
  );

function makeData() {
  const random = rng(randomSeed());
  const [training, validation] = [17, 7].map((count) => makeSamples(random, { inputShape: INPUT }, count));
  // The moments of the weights of a feature that is always 0 stay 0, which Adam divides by.
  for (let n = 1; n < training.x.data.length; n += INPUT[1]) training.x.data[n] = 0;
  return { ...training, validationData: [validation.x, validation.y] as const };
}

/** Everything that training changes, and what comes of training on from there. */
async function left(model: Model, isStateful: boolean) {
  return { weights: await weightsOf(model), states: isStateful ? await model.getStates() : [] };
}

/** Writes down everything that a callback is told. */
function listener(): Callback & { told: unknown[] } {
  const told: unknown[] = [];
  return {
    told,
    onTrainBegin: () => void told.push('train begins'),
    onTrainEnd: (logs) => void told.push(['train ends', { ...logs }]),
    onEpochBegin: (epoch) => void told.push(['epoch begins', epoch]),
    onEpochEnd: (epoch, logs) => void told.push(['epoch ends', epoch, { ...logs }]),
    onBatchBegin: (batch) => void told.push(['batch begins', batch]),
    onBatchEnd: (batch) => void told.push(['batch ends', batch]),
    onTestBegin: () => void told.push('test begins'),
    onTestEnd: (logs) => void told.push(['test ends', { ...logs }]),
    onTestBatchBegin: (batch) => void told.push(['test batch begins', batch]),
    onTestBatchEnd: (batch) => void told.push(['test batch ends', batch]),
  };
}

/** Ends training of a model at a call of one of its functions. */
const stopAt = (
  name: 'onEpochBegin' | 'onEpochEnd' | 'onBatchBegin' | 'onBatchEnd' | 'onTestBatchEnd',
  at: number,
): Callback => {
  let calls = 0;
  const stop = (...args: unknown[]) => {
    if (calls++ === at) (args.at(-1) as { stopTraining: boolean }).stopTraining = true;
  };
  return { [name]: stop };
};

describe('callbacks of trainMany are told and do what those of each own fit are told and do, to the bit', () => {
  const stateful = { batchSize: BATCH, layers: lstmAndHead(3, true) };
  type Options = Omit<TrainManyOptions, 'onProgress' | 'callbacks'>;
  const spec: Partial<ModelSpec> = {};
  const cases: [what: string, spec: Partial<ModelSpec>, options: Options, callbacks: (index: number) => Callback[]][] =
    [
      ['which only listen', spec, { batchSize: BATCH, epochs: 2 }, () => []],
      [
        'earlyStopping of each',
        spec,
        { batchSize: BATCH, epochs: 12 },
        () => [earlyStopping({ monitor: 'valLoss', patience: 1, minDelta: 0.003 })],
      ],
      [
        'earlyStopping that goes back to the best weights, and learning rates that fall',
        spec,
        { batchSize: BATCH, epochs: 10 },
        () => [
          earlyStopping({ monitor: 'valLoss', patience: 2, minDelta: 0.003, restoreBestWeights: true }),
          reduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 0.02 }),
        ],
      ],
      ['one stops between two epochs', stateful, { epochs: 3 }, (n) => (n === 1 ? [stopAt('onEpochEnd', 0)] : [])],
      [
        'stateful, some stop in the middle of an epoch',
        stateful,
        { epochs: 3, resetStates: 2 },
        (n) => [[], [stopAt('onBatchEnd', 8)], [stopAt('onBatchBegin', 3)], [], [stopAt('onBatchBegin', 6)]][n],
      ],
      [
        'shuffled, one stops before its first batch, others during validation',
        stateful,
        { epochs: 3, shuffle: 'force', validationStates: 'carry' },
        (n) => [[stopAt('onEpochBegin', 1)], [stopAt('onTestBatchEnd', 1)], [], [stopAt('onTestBatchEnd', 3)], []][n],
      ],
      ['all stop', spec, { batchSize: BATCH, epochs: 9 }, (n) => [stopAt('onEpochEnd', n)]],
      [
        'weights and states are read, looked at and changed on the way',
        stateful,
        { epochs: 2 },
        (n) => [
          {
            onBatchEnd: async (batch, _logs, model) => {
              if (batch === n) model.resetStates([0]);
              if (batch !== 2) return;
              const [weights, states] = [await model.getWeights(), await model.getStates()];
              model.setStates(states.map(({ data, ...rest }) => ({ ...rest, data: data.map((value) => value / 2) })));
              await model.setWeights(
                weights.map(({ data, ...rest }) => ({ ...rest, data: data.map((value) => value / 2) })),
              );
            },
            onEpochEnd: async (_epoch, logs, model) => {
              const { x, y } = looked;
              Object.assign(logs, { seen: (await model.evaluate(x, y)).loss, first: (await model.predict(x)).data[0] });
            },
          },
        ],
      ],
    ];
  const looked = makeSamples(rng(5), { inputShape: INPUT }, 4);

  const counted = cases.flatMap(([what, ...rest], n) => {
    const both = [ODD, EVEN].map((count) => [`${what}, ${count} models`, count, ...rest] as const);
    return what.includes('stop') ? both : [both[n % 2]];
  });

  test.each(counted)('%s', async (_what, count, spec, options, callbacks) => {
    const { x, y, validationData } = makeData();
    const isStateful = spec.batchSize !== undefined;
    const [together, alone] = [await makeModels(spec, count), await makeModels(spec, count)];
    const listeners = together.map(() => listener());
    const histories = await trainMany(together, x, y, {
      ...options,
      validationData,
      callbacks: (index) => [...callbacks(index), listeners[index]],
    });
    for (const [index, model] of alone.entries()) {
      const own = listener();
      const history = await model.fit(x, y, { ...options, validationData, callbacks: [...callbacks(index), own] });
      expect(histories[index], `history of model ${index}`).toEqual(history);
      expect(listeners[index].told, `what is told of model ${index}`).toEqual(own.told);
      expect(await left(together[index], isStateful)).toEqual(await left(model, isStateful));
    }
    // The moments too: each goes on as it would have alone.
    const { epochs: _, ...again } = options;
    const [more, expected] = [await trainMany(together, x, y, again), []] as [unknown[], unknown[]];
    for (const model of alone) expected.push(await model.fit(x, y, again));
    expect(more).toEqual(expected);
    for (const [index, model] of alone.entries()) {
      expect(await left(together[index], isStateful)).toEqual(await left(model, isStateful));
    }
  });
});

test('models of one call stop at epochs of their own', async () => {
  const models = await makeModels();
  const { x, y } = makeData();
  const callbacks = (index: number) => [stopAt('onEpochEnd', index)];
  const histories = await trainMany(models, x, y, { batchSize: BATCH, epochs: 4, callbacks });
  expect(histories.map(({ epoch }) => epoch.length)).toEqual([1, 2, 3, 4, 4]);
  expect(models.map(({ stopTraining }) => stopTraining)).toEqual(Array(ODD).fill(false));
});

test('stopTraining of a model itself ends the training of all, and callbacks see it', async () => {
  const models = await makeModels();
  const { x, y } = makeData();
  const seen: boolean[] = [];
  const callbacks = (index: number): Callback[] => [
    {
      onEpochEnd: (epoch, _logs, model) => {
        if (index === 0 && epoch === 1) models[3].stopTraining = true;
        if (index === 4) seen.push(model.stopTraining);
      },
    },
  ];
  const histories = await trainMany(models, x, y, { batchSize: BATCH, epochs: 9, callbacks });
  expect(histories.map(({ epoch }) => epoch.length)).toEqual(Array(ODD).fill(2));
  expect(seen).toEqual([false, true]);
});

test('an error of one callback ends the call, and what was learned stays', async () => {
  const models = await makeModels();
  const before = await weightsOf(models[0]);
  const { x, y } = makeData();
  const callbacks = (index: number): Callback[] => [
    {
      onEpochEnd: () => {
        if (index === 2) throw new RangeError('on purpose');
      },
    },
  ];
  await expect(trainMany(models, x, y, { batchSize: BATCH, epochs: 9, callbacks })).rejects.toThrow('on purpose');
  expect(await weightsOf(models[0])).not.toEqual(before);
  expect(await trainMany(models, x, y, { batchSize: BATCH })).toHaveLength(ODD);
});

test('a callback calls its own model, and no other that trains beside it', async () => {
  const models = await makeModels();
  const { x, y } = makeData();
  const seen: Logs[] = [];
  const refused: unknown[] = [];
  const callbacks = (index: number): Callback[] => [
    {
      onEpochEnd: async () => {
        // Before its first await a callback may call the model itself.
        const own = models[index].evaluate(x, y, { batchSize: BATCH });
        const other = models[(index + 1) % ODD].evaluate(x, y, { batchSize: BATCH });
        await other.catch((error: unknown) => refused.push(error));
        seen.push(await own);
      },
    },
  ];
  await trainMany(models, x, y, { batchSize: BATCH, callbacks });
  expect(seen).toHaveLength(ODD);
  for (const error of refused) expect(error).toBeInstanceOf(BusyError);
  expect(refused).toHaveLength(ODD);
  for (const [index, model] of models.entries())
    expect(await model.evaluate(x, y, { batchSize: BATCH })).toEqual(seen[index]);
});
