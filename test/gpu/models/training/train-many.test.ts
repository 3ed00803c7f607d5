import { describe, expect, test } from 'vitest';
import { BusyError, DisposedError, trainMany, type Model, type TrainManyOptions } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const INPUT: readonly [number, number] = [4, 2];

/** What the models differ in. Four of them share workgroups of a software adapter, an odd number does not. */
const differences: Partial<ModelSpec>[] = [
  { seed: 1, optimizer: { kind: 'adam', learningRate: 0.02 } },
  { seed: 2, optimizer: { kind: 'adam', learningRate: 0.005 } },
  { seed: 3, optimizer: { kind: 'adam', learningRate: 0.02, beta1: 0.7, beta2: 0.99, epsilon: 1e-3 } },
  { seed: 4, optimizer: { kind: 'adam', learningRate: 0.01 } },
];

const makeModels = (spec: Partial<ModelSpec>) =>
  Promise.all(
    differences.map((difference) =>
      makeModel({ inputShape: INPUT, layers: lstmAndHead(3, false), ...spec, ...difference }),
    ),
  );

/** Everything that training changes. */
async function left(model: Model, isStateful: boolean) {
  const states = isStateful ? (await model.getStates()).map(({ data }) => data) : [];
  return { weights: await weightsOf(model), states };
}

describe('trainMany makes of each model what its own fit makes of it, to the bit', () => {
  const stateful = { batchSize: 3, layers: lstmAndHead(3, true) };
  const cases: [what: string, spec: Partial<ModelSpec>, options: Omit<TrainManyOptions, 'onProgress' | 'callbacks'>][] =
    [
      ['each in an order of its own', {}, { batchSize: 4, epochs: 3 }],
      ['in the order of the samples, without metrics', { metrics: [] }, { batchSize: 4, epochs: 2, shuffle: false }],
      [
        'squared errors',
        {
          loss: 'meanSquaredError',
          layers: [...lstmAndHead(3, false).slice(0, 1), { kind: 'dense', units: 1 }],
          metrics: ['meanAbsoluteError'],
        },
        { batchSize: 4 },
      ],
      ['stateful, with a last batch that is not full', stateful, { epochs: 2 }],
      ['stateful, with resets by number', stateful, { epochs: 2, resetStates: 2 }],
      [
        'stateful, with marked samples',
        stateful,
        { resetStates: Uint8Array.from({ length: 17 }, (_, n) => Math.min(n % 3, 1)) },
      ],
    ];
  test.each(cases)('%s', async (_what, spec, options) => {
    const { x, y } = makeSamples(rng(randomSeed()), { inputShape: INPUT }, 17);
    const validation = makeSamples(rng(randomSeed()), { inputShape: INPUT }, 7);
    const validationData = [validation.x, validation.y] as const;
    const isStateful = spec.layers?.some((layer) => layer.kind === 'lstm' && layer.stateful) ?? false;
    const [together, alone] = [await makeModels(spec), await makeModels(spec)];
    for (const round of [1, 2]) {
      const histories = await trainMany(together, x, y, { ...options, validationData });
      for (const [index, model] of alone.entries()) {
        const history = await model.fit(x, y, { ...options, validationData });
        expect(histories[index], `history of model ${index}, round ${round}`).toEqual(history);
        expect(await left(together[index], isStateful)).toEqual(await left(model, isStateful));
      }
    }
    // In another order, and not all of them, they lie in other memory.
    const some = [2, 0, 3];
    const again = await trainMany(
      some.map((index) => together[index]),
      x,
      y,
      options,
    );
    for (const [place, index] of some.entries()) {
      expect(again[place]).toEqual(await alone[index].fit(x, y, options));
      expect(await left(together[index], isStateful)).toEqual(await left(alone[index], isStateful));
    }
    expect(await left(together[1], isStateful)).toEqual(await left(alone[1], isStateful));
    // And each can go on alone from there.
    expect(await together[2].fit(x, y, options)).toEqual(await alone[2].fit(x, y, options));
    expect(await left(together[2], isStateful)).toEqual(await left(alone[2], isStateful));
  });
});

describe('while models train together', () => {
  const start = async (onProgress: (models: Model[]) => void, spec: Partial<ModelSpec> = {}) => {
    const models = await makeModels(spec);
    const { x, y } = makeSamples(rng(randomSeed()), { inputShape: INPUT }, 400);
    const histories = trainMany(models, x, y, {
      batchSize: 1,
      epochs: 1000,
      onProgress: ({ phase }) => (phase === 'training' ? onProgress(models) : undefined),
    });
    return { models, histories, x, y };
  };

  test('progress tells the means of each, and stopTraining of one ends all', async () => {
    const models = await makeModels({});
    const { x, y } = makeSamples(rng(randomSeed()), { inputShape: INPUT }, 50);
    const seen: number[][] = [];
    let last = 0;
    const histories = await trainMany(models, x, y, {
      batchSize: 1,
      epochs: 1000,
      onProgress: ({ phase, logs, epoch }) => {
        if (phase === 'compiling') return;
        seen.push(logs.map(({ loss }) => loss));
        last = epoch;
        models[1].stopTraining = true;
      },
    });
    expect(seen[0]).toHaveLength(models.length);
    expect(new Set(seen[0]).size).toBe(models.length);
    expect(last).toBeLessThan(999);
    for (const { epoch } of histories) expect(epoch).toHaveLength(last + 1);
    const before = await weightsOf(models[0]);
    expect(await trainMany(models, x, y, { batchSize: 4 })).toHaveLength(models.length);
    expect(await weightsOf(models[0])).not.toEqual(before);
  });

  test('their weights and states can be read', async () => {
    const spec = { batchSize: 1, layers: lstmAndHead(3, true) };
    let meanwhile: ReturnType<typeof left>[] | undefined;
    const { histories } = await start((all) => {
      meanwhile ??= all.map((model) => left(model, true));
      all[0].stopTraining = true;
    }, spec);
    await histories;
    for (const [index, model] of (await makeModels(spec)).entries()) {
      const [before, after] = [await left(model, true), await meanwhile![index]];
      for (const [name, arrays] of Object.entries(after) as [keyof typeof after, Float32Array[]][]) {
        for (const [n, array] of arrays.entries()) {
          expect(array, `${name} of model ${index}`).not.toEqual(before[name][n]);
          expect(array.every(Number.isFinite)).toBe(true);
        }
      }
    }
  });

  test('nothing else is done with them, but for reading', async () => {
    const { models, histories, x, y } = await start((all) => (all[0].stopTraining = true));
    const calls = [
      () => models[1].fit(x, y),
      () => models[1].evaluate(x, y),
      () => models[1].trainOnBatch(x, y),
      () => trainMany(models, x, y),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toThrow(BusyError);
      await expect(call()).rejects.toThrow('trainMany is still running');
    }
    await histories;
  });

  test('a disposed model ends it, and the others keep what they have learned', async () => {
    const { models, histories } = await start((all) => all[1].dispose());
    await expect(histories).rejects.toThrow(DisposedError);
    await expect(histories).rejects.toThrow('trainMany: models[1]');
    const [mine, fresh] = [await weightsOf(models[0]), await weightsOf((await makeModels({}))[0])];
    expect(mine).not.toEqual(fresh);
    expect(mine.flatMap((weight) => [...weight]).every(Number.isFinite)).toBe(true);
  });
});
