import { describe, expect, test } from 'vitest';
import type { Model } from '../../../src/index.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { rng } from '../../harness/random.ts';
import { array, lstmAndHead, makeModel, makePair, weightsOf, type ModelSpec } from './make-model.ts';

const SLOTS = 3;
const [STEPS, FEATURES] = [4, 2];

const shape = { inputShape: [STEPS, FEATURES], batchSize: SLOTS } as const;

const specs: Record<string, ModelSpec> = {
  'a model with dispatches for each layer': {
    ...shape,
    // Two stateful layers, so that each state must find the way to its own slots.
    layers: [
      { kind: 'lstm', units: 5, stateful: true, returnSequences: true },
      { kind: 'lstm', units: 3, stateful: true },
      { kind: 'dense', units: 1, activation: 'sigmoid' },
    ],
  },
  'a model that stays in one workgroup': {
    ...shape,
    layers: lstmAndHead(5, true),
    // A large epsilon: with a small one Adam turns the rounding of small gradients into parts of steps.
    optimizer: { kind: 'adam', learningRate: 0.02, epsilon: 1e-2 },
  },
};

const close = { atol: 3e-6, rtol: 3e-6, reason: 'float32 against float64 over a few batches' };

type Random = ReturnType<typeof rng>;

function samples(random: Random, count: number) {
  return {
    x: array(random.array(count * STEPS * FEATURES, 1), [count, STEPS, FEATURES]),
    y: array(
      Array.from({ length: count }, () => random.integer(0, 1)),
      [count, 1],
    ),
  };
}

/** What a model predicts next: as telling as its states themselves, once weights are equal. */
async function nextPrediction(model: Model): Promise<Float32Array> {
  const { x } = samples(rng(1), SLOTS);
  return (await model.predictOnBatch(x)).data;
}

describe.each(Object.entries(specs))('%s', (_name, stateful) => {
  describe('states go on', () => {
    test('from batch to batch, whatever a batch is for: fit, evaluate, predict and the calls on single batches', async () => {
      const { model, twin, random } = await makePair(stateful);
      const batch = samples(random, SLOTS);
      const data = samples(random, 4 * SLOTS);
      const compare = (seen: Record<string, number>, expected: { loss: number; accuracy: number }, what: string) => {
        expectClose([seen.loss, seen.accuracy], [expected.loss, expected.accuracy], { ...close, what });
      };
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
        compare(
          await model.testOnBatch(batch.x, batch.y),
          twin.testOnBatch(batch.x.data, batch.y.data),
          `test ${round}`,
        );
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
      const { x, y } = samples(rng(3), 2 * SLOTS);
      const [once, twice] = [await makeModel(stateful), await makeModel(stateful)];
      await once.fit(x, y, { epochs: 2 });
      await twice.fit(x, y, { epochs: 1 });
      await twice.fit(x, y, { epochs: 1 });
      expect(await weightsOf(twice)).toEqual(await weightsOf(once));
      expect(await nextPrediction(twice)).toEqual(await nextPrediction(once));
    });

    test('of the rows a batch has: the slots behind a shorter one keep theirs', async () => {
      const { model, twin, random } = await makePair(stateful);
      const { x, y } = samples(random, SLOTS + 1);
      await model.fit(x, y, { batchSize: SLOTS, shuffle: false });
      twin.epoch('train', x.data, y.data, SLOTS);
      for (const rows of [1, 2, SLOTS]) {
        const next = samples(random, rows);
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

  describe('resetStates', () => {
    test.each([
      ['all', undefined],
      ['none', []],
      ['one', [1]],
      ['two', [2, 0]],
    ])('of %s', async (_which, slots) => {
      const { model, twin, random } = await makePair(stateful);
      for (let round = 0; round < 3; round++) {
        const { x, y } = samples(random, SLOTS);
        const [seen, expected] = [await model.trainOnBatch(x, y), twin.trainOnBatch(x.data, y.data)];
        expectClose([seen.loss], [expected.loss], { ...close, what: `loss ${round}` });
        model.resetStates(slots);
        twin.resetStates(slots);
      }
      const { x } = samples(random, SLOTS);
      expectClose((await model.predictOnBatch(x)).data, twin.predictOnBatch(x.data), { ...close, what: 'prediction' });
    });

    test('between calls that nobody awaits stands where it was called', async () => {
      const batches = Array.from({ length: 40 }, (_, n) => samples(rng(n), SLOTS));
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
      const { x, y } = samples(rng(6), COUNT);
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
      const { x, y } = samples(random, 8 * SLOTS);
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

  describe('validation in fit', () => {
    test('leaves weights and states of training as they are, to the bit', async () => {
      const data = samples(rng(4), 4 * SLOTS + 1);
      const validation = samples(rng(5), 2 * SLOTS + 2);
      const [without, with_] = [await makeModel(stateful), await makeModel(stateful)];
      const plain = await without.fit(data.x, data.y, { epochs: 3 });
      const validated = await with_.fit(data.x, data.y, { epochs: 3, validationData: [validation.x, validation.y] });
      expect(validated.history.loss).toEqual(plain.history.loss);
      expect(await weightsOf(with_)).toEqual(await weightsOf(without));
      expect(await nextPrediction(with_)).toEqual(await nextPrediction(without));
    });

    test('starts from zero in every epoch and goes on from batch to batch', async () => {
      const { model, twin, random } = await makePair(stateful);
      const data = samples(random, 2 * SLOTS);
      const validation = samples(random, 3 * SLOTS);
      const { history } = await model.fit(data.x, data.y, {
        epochs: 2,
        shuffle: false,
        validationData: [validation.x, validation.y],
      });
      for (const epoch of [0, 1]) {
        twin.epoch('train', data.x.data, data.y.data, SLOTS);
        const expected = twin.aside(() => twin.epoch('test', validation.x.data, validation.y.data, SLOTS));
        const seen = [history.valLoss[epoch], history.valAccuracy[epoch]];
        expectClose(seen, [expected.loss, expected.accuracy], { ...close, what: `validation of epoch ${epoch}` });
      }
    });

    test('lets its callbacks reset the states of validation alone', async () => {
      const { model, twin, random } = await makePair(stateful);
      const data = samples(random, 2 * SLOTS);
      const validation = samples(random, 4 * SLOTS);
      const { history } = await model.fit(data.x, data.y, {
        shuffle: false,
        validationData: [validation.x, validation.y],
        callbacks: [{ onTestBatchBegin: (batch) => (batch % 2 === 0 ? model.resetStates() : undefined) }],
      });
      twin.epoch('train', data.x.data, data.y.data, SLOTS);
      const expected = twin.aside(() =>
        twin.epoch('test', validation.x.data, validation.y.data, SLOTS, (batch) => {
          if (batch % 2 === 0) twin.resetStates();
        }),
      );
      expectClose(history.valLoss, [expected.loss], { ...close, what: 'validation loss' });
      const { x } = samples(random, SLOTS);
      expectClose((await model.predictOnBatch(x)).data, twin.predictOnBatch(x.data), {
        ...close,
        what: 'training goes on',
      });
    });
  });
});
