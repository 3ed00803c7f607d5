import { describe, expect, test } from 'vitest';
import { trainMany, type Model } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { lstmAndHead, makeModel, makeSamples, type ModelSpec } from '../builders/make-model.ts';
import { SLOTS, statefulModels } from '../builders/stateful-models.ts';

const spec: ModelSpec = { inputShape: [4, 2], batchSize: SLOTS, layers: lstmAndHead(5, true) };

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
