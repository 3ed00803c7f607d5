import { describe, expect, test } from 'vitest';
import { ShapeError, type Batch, type Batches, type Logs, type ModelInTraining } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { batchesOf, pause, rowsOf, stateless } from '../builders/batches.ts';
import { anything, expectError } from '../builders/expect-error.ts';
import { array, makeModel, makeSamples, weightsOf } from '../builders/make-model.ts';
import { SLOTS, expectSame, statefulModels } from '../builders/stateful-models.ts';

const all = [...statefulModels, ['a stateless model', stateless] as const];

/** The forms in which batches can be given, each of which can be gone through again. */
const forms: Record<string, (batches: readonly Batch[]) => Batches> = {
  'a function that returns an array': (batches) => () => batches,
  'a generator function': (batches) =>
    function* generate() {
      yield* batches;
    },
  'an asynchronous generator function': (batches) =>
    async function* generate() {
      for (const batch of batches) {
        await pause(0);
        yield batch;
      }
    },
  'a function that promises an iterable': (batches) => async () => batches,
  'an iterable object': (batches) => ({ [Symbol.iterator]: () => batches[Symbol.iterator]() }),
  'an iterable of promises': (batches) => () => batches.map(async (batch) => batch),
};

describe.each(all)('of %s,', (_name, spec) => {
  const models = async () => [await makeModel(spec), await makeModel(spec)] as const;
  // Batches of one size: the program for another may round in another way.
  const data = () => makeSamples(rng(randomSeed()), spec, 4 * SLOTS);

  test.each(Object.keys(forms))('fit, evaluate and predict take %s', async (form) => {
    const samples = data();
    const batches = forms[form](batchesOf(samples, SLOTS));
    const [model, whole] = await models();
    const options = { epochs: 3, callbacks: [] };
    const asArrays = { ...options, batchSize: SLOTS, shuffle: false };
    expect(await model.fit(batches, options)).toEqual(await whole.fit(samples.x, samples.y, asArrays));
    const tested = await whole.evaluate(samples.x, samples.y, { batchSize: SLOTS });
    expect(await model.evaluate(batches)).toEqual(tested);
    const predicted = await whole.predict(samples.x, { batchSize: SLOTS });
    expect({ ...(await model.predict(anything(batches))) }).toEqual({ ...predicted });
    await expectSame(model, whole);
  });

  test('resets, validation, weights of classes and callbacks are as with arrays', async () => {
    const [samples, validation] = [data(), data()];
    const [model, whole] = await models();
    const heard: [string, number][][] = [[], []];
    const callbacks = (which: 0 | 1) => [
      {
        onBatchBegin: (batch: number) => void heard[which].push(['begin', batch]),
        onBatchEnd: (batch: number) => void heard[which].push(['end', batch]),
      },
    ];
    const options = {
      epochs: 3,
      initialEpoch: 1,
      resetStates: 2,
      classWeight: { 0: 0.5, 1: 2 },
      // Without a batch size of its own the model takes others to validate batches and arrays, and so rounds in another way.
      validationData: spec.batchSize === undefined ? undefined : ([validation.x, validation.y] as const),
    };
    const classWeight = { ...options.classWeight };
    const fitting = model.fit(() => batchesOf(samples, SLOTS), { ...options, classWeight, callbacks: callbacks(0) });
    // What a call was given may be used for something else once it has returned.
    classWeight[1] = 9;
    const fitted = await fitting;
    const asArrays = { ...options, batchSize: SLOTS, shuffle: false, callbacks: callbacks(1) };
    expect(fitted).toEqual(await whole.fit(samples.x, samples.y, asArrays));
    expect(heard[0]).toEqual(heard[1]);
    await expectSame(model, whole);
  });

  test('batches by name bring weights and lengths', async () => {
    const random = rng(randomSeed());
    const samples = makeSamples(random, spec, 4 * SLOTS);
    const sampleWeight = array(random.array(4 * SLOTS, 1).map(Math.abs), [4 * SLOTS]);
    const lengths = array(
      Array.from({ length: 4 * SLOTS }, () => random.integer(1, 4)),
      [4 * SLOTS],
    );
    const batches = batchesOf(samples, SLOTS).map(([x, y], batch) => {
      const [first, end] = [batch * SLOTS, (batch + 1) * SLOTS];
      return { x, y, sampleWeight: rowsOf(sampleWeight, first, end), lengths: rowsOf(lengths, first, end) };
    });
    const [model, whole] = await models();
    const options = { sampleWeight, lengths, batchSize: SLOTS };
    expect(await model.fit(() => batches)).toEqual(
      await whole.fit(samples.x, samples.y, { ...options, shuffle: false }),
    );
    expect(await model.evaluate(() => batches)).toEqual(await whole.evaluate(samples.x, samples.y, options));
    const [seen, expected] = [await model.predict(() => batches), await whole.predict(samples.x, { lengths })];
    expect(seen.data).toEqual(expected.data);
    await expectSame(model, whole);
  });

  test('a callback evaluates and predicts batches with states of their own', async () => {
    const [samples, other] = [data(), data()];
    const [model, whole] = await models();
    const seen: unknown[] = [];
    const expected: unknown[] = [];
    const batches = () => batchesOf(other, SLOTS);
    const onEpochEnd = async (_epoch: number, _logs: Logs, inside: ModelInTraining) => {
      seen.push(await inside.evaluate(batches), (await inside.predict(batches)).data);
    };
    await model.fit(() => batchesOf(samples, SLOTS), { epochs: 2, callbacks: [{ onEpochEnd }] });
    await whole.fit(samples.x, samples.y, {
      epochs: 2,
      batchSize: SLOTS,
      shuffle: false,
      callbacks: [
        {
          onEpochEnd: async (_epoch: number, _logs: Logs, inside: ModelInTraining) => {
            const options = { batchSize: SLOTS };
            expected.push(await inside.evaluate(other.x, other.y, options));
            expected.push((await inside.predict(other.x, options)).data);
          },
        },
      ],
    });
    expect(seen).toEqual(expected);
    await expectSame(model, whole);
  });

  test('arrays may be filled anew when the next batch is asked for', async () => {
    const samples = data();
    const [model, whole] = await models();
    function* refilled(): Generator<Batch> {
      const reused = makeSamples(rng(1), spec, SLOTS);
      for (const [x, y] of batchesOf(samples, SLOTS)) {
        reused.x.data.set(x.data);
        reused.y.data.set(y.data);
        yield [reused.x, reused.y];
      }
    }
    const unchanged = () => batchesOf(samples, SLOTS);
    expect(await model.fit(refilled, { epochs: 2 })).toEqual(await whole.fit(unchanged, { epochs: 2 }));
    expect((await model.predict(refilled)).data).toEqual((await whole.predict(unchanged)).data);
    await expectSame(model, whole);
  });
});

test('a batch counts as it was when it was given, though kernels compile and callbacks are called before its update', async () => {
  const samples = makeSamples(rng(randomSeed()), stateless, 4);
  const [model, unchanged] = [await makeModel(stateless), await makeModel(stateless)];
  const expected = await unchanged.fit(() => batchesOf(samples, 4));
  const batches: Batch[] = [[samples.x, samples.y]];
  const onTrainBegin = () => void samples.x.data.fill(9);
  expect(await model.fit(() => batches, { callbacks: [{ onTrainBegin }] })).toEqual(expected);
});

describe('batches of different forms', () => {
  test('train as with trainOnBatch', async () => {
    const random = rng(randomSeed());
    const batches = Array.from({ length: 6 }, () => {
      const { x, y } = makeSamples(random, stateless, random.integer(1, 9));
      return [x, y] as const;
    });
    const [model, byHand] = [await makeModel(stateless), await makeModel(stateless)];
    const { history } = await model.fit(() => batches);
    let [sum, samples] = [0, 0];
    for (const [x, y] of batches) {
      const { loss } = await byHand.trainOnBatch(x, y);
      sum += loss * x.shape[0];
      samples += x.shape[0];
    }
    expect(history.loss[0]).toBeCloseTo(sum / samples, 6);
    expect(await weightsOf(model)).toEqual(await weightsOf(byHand));
  });

  test('may be flat, as arrays may', async () => {
    const samples = makeSamples(rng(randomSeed()), stateless, 6);
    const whole = () => batchesOf(samples, 2);
    const flat = () => whole().map(([x, y]) => [Array.from(x.data), y.data] as const);
    const [model, other] = [await makeModel(stateless), await makeModel(stateless)];
    expect(await model.fit(flat)).toEqual(await other.fit(whole));
    expect(await model.evaluate(flat)).toEqual(await other.evaluate(whole));
  });

  test('with more rows than a stateful model has are tested and predicted with states of their own', async () => {
    const [, spec] = statefulModels[0];
    const samples = makeSamples(rng(randomSeed()), spec, 3 * SLOTS);
    const [model, byHand] = [await makeModel(spec), await makeModel(spec)];
    const batches = [
      [rowsOf(samples.x, 0, SLOTS), rowsOf(samples.y, 0, SLOTS)],
      [rowsOf(samples.x, SLOTS), rowsOf(samples.y, SLOTS)],
      [rowsOf(samples.x, 0, SLOTS), rowsOf(samples.y, 0, SLOTS)],
    ] as const;
    const parts: number[] = [];
    for (const [x] of batches) parts.push(...(await byHand.predictOnBatch(x)).data);
    expect(Array.from((await model.predict(() => batches)).data)).toEqual(parts);
    await expectSame(model, byHand);
    await expectError(() => model.fit(() => batches), ShapeError, ['model.fit: batch 1', `keeps ${SLOTS} states`]);
  });

  test.each(statefulModels)('resets before those with more rows than %s has reach its states', async (_name, spec) => {
    const samples = makeSamples(rng(randomSeed()), spec, 3 * SLOTS);
    const [model, byHand] = [await makeModel(spec), await makeModel(spec)];
    const [few, many] = [batchesOf(samples, SLOTS)[0], [samples.x, samples.y] as const];
    await model.predictOnBatch(few[0]);
    const { loss } = await model.evaluate(() => [many, few], { resetStates: 'epoch' });
    const [ofMany, ofFew] = [await byHand.testOnBatch(...many), await byHand.testOnBatch(...few)];
    expect(loss).toBeCloseTo((3 * ofMany.loss + ofFew.loss) / 4, 6);
    await expectSame(model, byHand);
  });
});
