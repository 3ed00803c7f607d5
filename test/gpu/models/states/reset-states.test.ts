import { describe, expect, test } from 'vitest';
import type { Model } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { array, makeModel, makePair, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';
import { SLOTS, close, nextPrediction, statefulModels } from '../builders/stateful-models.ts';

describe.each(statefulModels)('resetStates, of %s', (_name, stateful) => {
  const [STEPS, FEATURES] = stateful.inputShape;

  test.each([
    ['all', undefined],
    ['none', []],
    ['one', [1]],
    ['two', [2, 0]],
  ])('of %s', async (_which, slots) => {
    const { model, twin, random } = await makePair(stateful);
    for (let round = 0; round < 3; round++) {
      const { x, y } = makeSamples(random, stateful, SLOTS);
      const [seen, expected] = [await model.trainOnBatch(x, y), twin.trainOnBatch(x.data, y.data)];
      expectClose([seen.loss], [expected.loss], { ...close, what: `loss ${round}` });
      model.resetStates(slots);
      twin.resetStates(slots);
    }
    const { x } = makeSamples(random, stateful, SLOTS);
    expectClose((await model.predictOnBatch(x)).data, twin.predictOnBatch(x.data), { ...close, what: 'prediction' });
  });

  test('between calls that nobody awaits stands where it was called', async () => {
    const batches = Array.from({ length: 40 }, (_, n) => makeSamples(rng(n), stateful, SLOTS));
    const reset = (model: Model, n: number) => {
      if (n % 5 === 0) model.resetStates();
      else if (n % 3 === 0) model.resetStates([n % SLOTS]);
    };
    const [patient, hasty] = [await makeModel(stateful), await makeModel(stateful)];
    const awaited: unknown[] = [];
    for (const [n, { x, y }] of batches.entries()) {
      reset(patient, n);
      awaited.push(n % 4 === 3 ? await patient.testOnBatch(x, y) : await patient.trainOnBatch(x, y));
    }
    const together = await Promise.all(
      batches.map(({ x, y }, n) => {
        reset(hasty, n);
        return n % 4 === 3 ? hasty.testOnBatch(x, y) : hasty.trainOnBatch(x, y);
      }),
    );
    expect(together).toEqual(awaited);
    expect(await weightsOf(hasty)).toEqual(await weightsOf(patient));
    expect(await nextPrediction(hasty)).toEqual(await nextPrediction(patient));
  });

  test('stands there also among more calls than one submit or the staging memory holds', async () => {
    const COUNT = 600;
    const { x, y } = makeSamples(rng(6), stateful, COUNT);
    const single: ModelSpec = { ...stateful, batchSize: 1 };
    const [fitted, called] = [await makeModel(single), await makeModel(single)];
    const everySeventh = (model: Model, n: number) => (n % 7 === 0 ? model.resetStates() : undefined);
    const { history } = await fitted.fit(x, y, { callbacks: [{ onBatchBegin: (n) => everySeventh(fitted, n) }] });
    const size = STEPS * FEATURES;
    const figures = await Promise.all(
      Array.from({ length: COUNT }, (_, n) => {
        everySeventh(called, n);
        const sample = array(x.data.subarray(n * size, (n + 1) * size), [1, STEPS, FEATURES]);
        return called.trainOnBatch(sample, array([y.data[n]], [1, 1]));
      }),
    );
    expect(await weightsOf(called)).toEqual(await weightsOf(fitted));
    const loss = figures.reduce((sum, figure) => sum + figure.loss, 0) / COUNT;
    expectClose([loss], history.loss, {
      atol: 1e-12,
      rtol: 0,
      what: 'mean loss',
      reason: 'one sum in another order',
    });
  });

  test.each(['onBatchBegin', 'onBatchEnd'] as const)('in %s takes effect at that very batch', async (hook) => {
    const { model, twin, random } = await makePair(stateful);
    const { x, y } = makeSamples(random, stateful, 8 * SLOTS);
    const atBatch = (batch: number, reset: (slots?: number[]) => void) => {
      if (batch === 2) reset();
      if (batch === 5) reset([1]);
    };
    const { history } = await model.fit(x, y, {
      shuffle: false,
      callbacks: [{ [hook]: (batch: number) => atBatch(batch, (slots) => model.resetStates(slots)) }],
    });
    // The end of a batch is the begin of the next.
    const shift = hook === 'onBatchBegin' ? 0 : 1;
    const expected = twin.epoch('train', x.data, y.data, SLOTS, (batch) =>
      atBatch(batch - shift, (slots) => twin.resetStates(slots)),
    );
    expectClose(history.loss, [expected.loss], { ...close, what: 'loss' });
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, twin.weights[n], { ...close, what: `weight ${n}` });
    });
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
