import { describe, expect, test } from 'vitest';
import { expectClose } from '../../../harness/expect-close.ts';
import { rng } from '../../../harness/random.ts';
import { meanLoss } from '../../../reference/losses.ts';
import {
  expectFigures,
  lstmAndHead,
  makeModel,
  makePair,
  makeSamples,
  setWeights,
  weightsOf,
  type ModelSpec,
} from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [3, 2], layers: lstmAndHead(4, false) };
const close = { atol: 3e-6, rtol: 3e-6, reason: 'float32 against float64 over a few steps' };

describe('metrics', () => {
  test('are those asked for, under the names given', async () => {
    const { model, twin } = await makePair({
      ...spec,
      metrics: ['accuracy', 'binaryAccuracy', 'meanAbsoluteError', 'meanSquaredError'],
    });
    const { x, y } = makeSamples(rng(4), spec, 11);
    const figures = await model.evaluate(x, y, { batchSize: 4 });
    const p = twin.predictOnBatch(x.data);
    expect(Object.keys(figures)).toEqual([
      'loss',
      'accuracy',
      'binaryAccuracy',
      'meanAbsoluteError',
      'meanSquaredError',
    ]);
    expectFigures(figures, twin.testOnBatch(x.data, y.data), { ...close, what: 'evaluate' });
    expect(figures.binaryAccuracy).toBe(figures.accuracy);
    for (const name of ['meanAbsoluteError', 'meanSquaredError'] as const) {
      expectClose([figures[name]], [meanLoss(name, p, y.data)], { ...close, what: name });
    }
  });

  test('and the loss are means over samples, also where the last batch is partly filled', async () => {
    const { model, twin } = await makePair(spec);
    const { x, y } = makeSamples(rng(5), spec, 10);
    const { history } = await model.fit(x, y, { batchSize: 4, epochs: 2, shuffle: false });
    for (const epoch of [0, 1]) {
      const seen = { loss: history.loss[epoch], accuracy: history.accuracy[epoch] };
      expectFigures(seen, twin.epoch('train', x.data, y.data, 4), { ...close, what: `epoch ${epoch}` });
    }
  });
});

describe('shuffle', () => {
  test('gives an order that depends on the seed alone', async () => {
    const { x, y } = makeSamples(rng(7), spec, 50);
    const weights = await weightsOf(await makeModel(spec));
    const run = async (seed: number, shuffle: boolean) => {
      const model = await makeModel({ ...spec, seed });
      await setWeights(model, weights);
      const { history } = await model.fit(x, y, { batchSize: 1, epochs: 2, shuffle });
      return { history, weights: await weightsOf(model) };
    };
    const [first, again, other, ordered] = [
      await run(1, true),
      await run(1, true),
      await run(2, true),
      await run(1, false),
    ];
    expect(again).toEqual(first);
    expect(other.weights).not.toEqual(first.weights);
    expect(ordered.weights).not.toEqual(first.weights);
  });

  test('takes every sample once: without learning, the loss of an epoch is that of all samples', async () => {
    const { model, twin } = await makePair({ ...spec, optimizer: { kind: 'sgd', learningRate: 0 } });
    const { x, y } = makeSamples(rng(8), spec, 50);
    const { history } = await model.fit(x, y, { batchSize: 7, epochs: 3, shuffle: true });
    const expected = twin.testOnBatch(x.data, y.data);
    for (const epoch of [0, 1, 2]) {
      const seen = { loss: history.loss[epoch], accuracy: history.accuracy[epoch] };
      expectFigures(seen, expected, { ...close, what: `epoch ${epoch}` });
    }
  });

  test('is off by default for a stateful model', async () => {
    const stateful: ModelSpec = { ...spec, layers: lstmAndHead(4, true), batchSize: 1 };
    const [byDefault, ordered] = [await makeModel(stateful), await makeModel(stateful)];
    const { x, y } = makeSamples(rng(9), spec, 20);
    await byDefault.fit(x, y);
    await ordered.fit(x, y, { shuffle: false });
    expect(await weightsOf(byDefault)).toEqual(await weightsOf(ordered));
  });
});
