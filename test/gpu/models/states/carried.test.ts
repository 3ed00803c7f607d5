import { describe, expect, test } from 'vitest';
import { expectClose } from '../../../harness/expect-close.ts';
import { rng } from '../../../harness/random.ts';
import type { Figures } from '../../../reference/reference-model.ts';
import {
  array,
  expectFigures,
  lstmAndHead,
  makeModel,
  makePair,
  makeSamples,
  weightsOf,
} from '../builders/make-model.ts';
import { SLOTS, close, nextPrediction, statefulModels } from '../builders/stateful-models.ts';

describe.each(statefulModels)('states go on, in %s', (_name, stateful) => {
  const [STEPS, FEATURES] = stateful.inputShape;

  test('from batch to batch, whatever a batch is for: fit, evaluate, predict and the calls on single batches', async () => {
    const { model, twin, random } = await makePair(stateful);
    const batch = makeSamples(random, stateful, SLOTS);
    const data = makeSamples(random, stateful, 4 * SLOTS);
    const compare = (seen: Record<string, number>, expected: Figures, what: string) =>
      expectFigures(seen, expected, { ...close, what });
    const predictAll = (x: Float32Array) =>
      [0, 1, 2, 3].flatMap((n) => {
        const size = SLOTS * STEPS * FEATURES;
        return [...twin.predictOnBatch(x.subarray(n * size, (n + 1) * size))];
      });

    for (const round of [1, 2]) {
      const options = { batchSize: SLOTS };
      compare(
        await model.trainOnBatch(batch.x, batch.y),
        twin.trainOnBatch(batch.x.data, batch.y.data),
        `train ${round}`,
      );
      compare(await model.testOnBatch(batch.x, batch.y), twin.testOnBatch(batch.x.data, batch.y.data), `test ${round}`);
      const one = await model.predictOnBatch(batch.x);
      expectClose(one.data, twin.predictOnBatch(batch.x.data), { ...close, what: `predictOnBatch ${round}` });
      const { history } = await model.fit(data.x, data.y, { ...options, shuffle: false });
      const trained = twin.epoch('train', data.x.data, data.y.data, SLOTS);
      compare({ loss: history.loss[0], accuracy: history.accuracy[0] }, trained, `fit ${round}`);
      const tested = twin.epoch('test', data.x.data, data.y.data, SLOTS);
      compare(await model.evaluate(data.x, data.y, options), tested, `evaluate ${round}`);
      const all = await model.predict(data.x, options);
      expectClose(all.data, predictAll(data.x.data), { ...close, what: `predict ${round}` });
    }
  });

  test('so that a sequence cut in two gives the same bits as in one piece', async () => {
    const random = rng(2);
    const whole = await makeModel({ ...stateful, inputShape: [2 * STEPS, FEATURES] });
    const cut = await makeModel(stateful);
    const x = random.array(2 * STEPS * FEATURES, 1);
    const once = await whole.predictOnBatch(array(x, [1, 2 * STEPS, FEATURES]));
    await cut.predictOnBatch(array(x.subarray(0, STEPS * FEATURES), [1, STEPS, FEATURES]));
    const twice = await cut.predictOnBatch(array(x.subarray(STEPS * FEATURES), [1, STEPS, FEATURES]));
    expect(twice.data).toEqual(once.data);
  });

  test('across fits: two with one epoch are one with two, to the bit', async () => {
    const { x, y } = makeSamples(rng(3), stateful, 2 * SLOTS);
    const [once, twice] = [await makeModel(stateful), await makeModel(stateful)];
    await once.fit(x, y, { epochs: 2 });
    await twice.fit(x, y, { epochs: 1 });
    await twice.fit(x, y, { epochs: 1 });
    expect(await weightsOf(twice)).toEqual(await weightsOf(once));
    expect(await nextPrediction(twice)).toEqual(await nextPrediction(once));
  });

  test('of the rows a batch has: the slots behind a shorter one keep theirs', async () => {
    const { model, twin, random } = await makePair(stateful);
    const { x, y } = makeSamples(random, stateful, SLOTS + 1);
    await model.fit(x, y, { batchSize: SLOTS, shuffle: false });
    twin.epoch('train', x.data, y.data, SLOTS);
    for (const rows of [1, 2, SLOTS]) {
      const next = makeSamples(random, stateful, rows);
      const { data } = await model.predictOnBatch(next.x);
      expectClose(data, twin.predictOnBatch(next.x.data), { ...close, what: `${rows} rows after a partial batch` });
    }
  });

  test('but not where a layer is stateless', async () => {
    const model = await makeModel({ ...stateful, layers: lstmAndHead(5, false) });
    expect(await nextPrediction(model)).toEqual(await nextPrediction(model));
    model.resetStates();
  });
});
