import { describe, expect, test } from 'vitest';
import { ShapeError, ValueError } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { expectError } from '../builders/expect-error.ts';
import {
  array,
  lstmAndHead,
  makeModel,
  makePair,
  makeSamples,
  weightsOf,
  type ModelSpec,
} from '../builders/make-model.ts';
import { SLOTS, close, expectSame, statefulModels } from '../builders/stateful-models.ts';

describe.each(statefulModels)('the traps of stateful training, with %s:', (_name, spec) => {
  const BATCHES = 6;
  const data = () => makeSamples(rng(randomSeed()), spec, BATCHES * SLOTS);
  const pair = async () => [await makeModel(spec), await makeModel(spec)] as const;

  test('resets need no callback: every n batches', async () => {
    const [policy, callback] = await pair();
    const { x, y } = data();
    await policy.fit(x, y, { epochs: 2, resetStates: 4 });
    const onBatchBegin = (batch: number) => (batch % 4 === 0 ? callback.resetStates() : undefined);
    await callback.fit(x, y, { epochs: 2, callbacks: [{ onBatchBegin }] });
    await expectSame(policy, callback);
  });

  test('resets need no callback: every epoch', async () => {
    const [policy, callback] = await pair();
    const { x, y } = data();
    await policy.fit(x, y, { epochs: 3, resetStates: 'epoch' });
    await callback.fit(x, y, { epochs: 3, callbacks: [{ onEpochBegin: () => callback.resetStates() }] });
    await expectSame(policy, callback);
  });

  test('resets need no callback: before single samples, each in its row', async () => {
    const [policy, callback] = await pair();
    const { x, y } = data();
    const mask = Uint8Array.from({ length: BATCHES * SLOTS }, (_, sample) => (sample % 5 === 2 ? 1 : 0));
    await policy.fit(x, y, { resetStates: mask });
    const rows = (batch: number) => [0, 1, 2].filter((row) => mask[batch * SLOTS + row] === 1);
    await callback.fit(x, y, { callbacks: [{ onBatchBegin: (batch) => callback.resetStates(rows(batch)) }] });
    await expectSame(policy, callback);
  });

  test('never resetting is what Keras does, and the default', async () => {
    const [policy, plain] = await pair();
    const { x, y } = data();
    await policy.fit(x, y, { epochs: 2, resetStates: 'never' });
    await plain.fit(x, y, { epochs: 2 });
    await expectSame(policy, plain);
  });

  test('evaluate and predict in a callback of fit leave the training states alone, and start from zero', async () => {
    const [watched, plain] = await pair();
    const { x, y } = data();
    const other = data();
    const seen: number[] = [];
    const onBatchEnd = async (batch: number) => {
      if (batch % 2 === 1) seen.push((await watched.evaluate(other.x, other.y)).loss);
      else await watched.predict(other.x);
    };
    const history = await watched.fit(x, y, { callbacks: [{ onBatchEnd }] });
    expect(history).toEqual(await plain.fit(x, y));
    await expectSame(watched, plain);

    // The last look came after the last batch: a fresh evaluation from zero sees the same.
    const fresh = await makeModel(spec);
    fresh.setWeights(await plain.getWeights());
    expect(seen.at(-1)).toBe((await fresh.evaluate(other.x, other.y)).loss);
    expect(seen).toHaveLength(BATCHES / 2);
    expect(new Set(seen).size).toBeGreaterThan(1);
  });

  test("validationStates: 'carry' brings Keras' behaviour back: training goes on where validation left", async () => {
    const { model, twin, random } = await makePair(spec);
    const [train, validation] = [makeSamples(random, spec, 2 * SLOTS), makeSamples(random, spec, 3 * SLOTS)];
    const validationData = [validation.x, validation.y] as const;
    const { history } = await model.fit(train.x, train.y, { epochs: 2, validationData, validationStates: 'carry' });
    for (const epoch of [0, 1]) {
      const trained = twin.epoch('train', train.x.data, train.y.data, SLOTS);
      const tested = twin.epoch('test', validation.x.data, validation.y.data, SLOTS);
      const found = [history.loss[epoch], history.valLoss[epoch]];
      expectClose(found, [trained.loss, tested.loss], { ...close, what: `losses of epoch ${epoch}` });
    }
  });

  test('the last, smaller batch works: rows without a sample keep their state', async () => {
    const [short, full] = await pair();
    const { x, y } = makeSamples(rng(randomSeed()), spec, 2 * SLOTS - 1);
    await short.evaluate(x, y);
    // The row that had no sample still is where the first batch left it.
    const first = array(x.data.slice(0, SLOTS * 8), [SLOTS, 4, 2]);
    await full.evaluate(first, array(y.data.slice(0, SLOTS), [SLOTS, 1]));
    const kept = { slots: [SLOTS - 1] };
    expect(await short.getStates(kept)).toEqual(await full.getStates(kept));
    expect(await short.getStates({ slots: [0] })).not.toEqual(await full.getStates({ slots: [0] }));
  });

  test('predict with any batch size, whatever the training batch size was: fewer rows are the first ones', async () => {
    const [together, alone] = await pair();
    const { x } = makeSamples(rng(randomSeed()), spec, SLOTS);
    const expected = await together.predict(x);
    const single = await alone.predict(array(x.data.slice(0, 8), [1, 4, 2]), { batchSize: 1 });
    expectClose(single.data, expected.data.slice(0, 1), { ...close, what: 'first row' });
  });

  test('shuffle is off by default, refused when asked for, and done when forced', async () => {
    const [plain, ordered] = await pair();
    const { x, y } = data();
    await plain.fit(x, y);
    await ordered.fit(x, y, { shuffle: false });
    await expectSame(plain, ordered);

    const says = ['model.fit: shuffle is true', 'row i of a batch continues row i', "shuffle: 'force'"];
    await expectError(() => plain.fit(x, y, { shuffle: true }), ValueError, says);
    await expectSame(plain, ordered);
    await plain.fit(x, y, { shuffle: 'force' });
    await ordered.fit(x, y);
    expect(await weightsOf(plain)).not.toEqual(await weightsOf(ordered));
  });

  test('states can be kept and taken up again, in any slot', async () => {
    const [model, other] = await pair();
    const { x, y } = data();
    await model.fit(x, y);
    other.setWeights(await model.getWeights());
    const states = await model.getStates();
    expect(states.every(({ shape }) => shape[0] === SLOTS)).toBe(true);
    other.setStates(states);
    expect(await other.getStates()).toEqual(states);
    await expectSame(other, model);

    const turned = [2, 0, 1];
    other.setStates(await model.getStates({ slots: turned }));
    expect(await other.getStates({ slots: [1] })).toEqual(await model.getStates({ slots: [0] }));
    other.resetStates([1]);
    const [cleared] = await other.getStates({ slots: [1] });
    expect([...cleared.data].every((value) => value === 0)).toBe(true);
    expect(await other.getStates({ slots: [2] })).toEqual(await model.getStates({ slots: [1] }));
  });

  test('states of the wrong layer, slot or shape are refused, and nothing changes', async () => {
    const model = await makeModel(spec);
    const { x, y } = data();
    await model.fit(x, y);
    const before = await model.getStates();
    await expectError(() => model.getStates({ layer: 'gru' }), ValueError, ['no stateful layer "gru"', '"lstm"']);
    await expectError(() => model.getStates({ slots: [SLOTS] }), ValueError, [`no slot ${SLOTS}`]);
    await expectError(() => model.setStates(before.slice(1)), ShapeError, ['model.setStates: got', 'expected']);
    const crooked = before.map((state, index) => (index === 1 ? { ...state, shape: [1, 1] } : state));
    await expectError(() => model.setStates(crooked), ShapeError, ['state 1, lstm/c, has', 'numbers and shape [1, 1]']);
    expect(await model.getStates()).toEqual(before);
  });
});

describe('truncated back-propagation', () => {
  const STEPS = 11;
  const spec: ModelSpec = {
    inputShape: [STEPS, 2],
    batchSize: 2,
    layers: [
      { kind: 'lstm', units: 4, stateful: true, returnSequences: true },
      { kind: 'dense', units: 1, activation: 'sigmoid' },
    ],
  };
  const sequences = () => {
    const random = rng(randomSeed());
    const targets = Array.from({ length: 4 * STEPS }, () => random.integer(0, 1));
    return { x: array(random.array(4 * STEPS * 2, 1), [4, STEPS, 2]), y: array(targets, [4, STEPS, 1]) };
  };
  /** Steps `first` to `end` of samples `from` and `from + 1`. */
  const cut = (data: Float32Array, features: number, from: number, first: number, end: number) => {
    const rows = [from, from + 1].map((n) => data.slice((n * STEPS + first) * features, (n * STEPS + end) * features));
    return array([...rows[0], ...rows[1]], [2, end - first, features]);
  };

  test('trains on windows of steps as if each were a batch that continues the one before', async () => {
    const { x, y } = sequences();
    const truncated = await makeModel(spec);
    const byHand = await makeModel({ ...spec, inputShape: [null as never, 2] });
    byHand.setWeights(await truncated.getWeights());
    await truncated.fit(x, y, { truncate: 4, resetStates: 1 });
    for (const from of [0, 2]) {
      byHand.resetStates();
      for (const [first, end] of [
        [0, 4],
        [4, 8],
        [8, STEPS],
      ]) {
        await byHand.trainOnBatch(cut(x.data, 2, from, first, end), cut(y.data, 1, from, first, end));
      }
    }
    expect(await weightsOf(truncated)).toEqual(await weightsOf(byHand));
    expect(await truncated.getStates()).toEqual(await byHand.getStates());
  });

  test('over the whole length is no truncation', async () => {
    const { x, y } = sequences();
    const [long, plain] = [await makeModel(spec), await makeModel(spec)];
    await long.fit(x, y, { truncate: 100 });
    await plain.fit(x, y);
    expect(await weightsOf(long)).toEqual(await weightsOf(plain));
  });

  test('is refused where states are not carried, or where there is no target for each step', async () => {
    const { x, y } = sequences();
    const stateless = await makeModel({
      ...spec,
      layers: [{ ...spec.layers[0], stateful: false } as never, spec.layers[1]],
    });
    await expectError(() => stateless.fit(x, y, { truncate: 4 }), ValueError, ['truncate', 'stateful: true']);
    const lastOnly = await makeModel({ ...spec, layers: lstmAndHead(3, true) });
    const single = array([0, 1, 0, 1], [4, 1]);
    await expectError(() => lastOnly.fit(x, single, { truncate: 4 }), ShapeError, [
      'truncate',
      'returnSequences: true',
    ]);
    await expectError(() => lastOnly.fit(x, single, { truncate: 0 }), ValueError, ['truncate is 0']);
  });
});
