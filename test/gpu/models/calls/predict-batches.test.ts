import { describe, expect, onTestFinished, test } from 'vitest';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import {
  ShapeError,
  ValueError,
  type Batches,
  type InputBatch,
  type ModelInTraining,
  type PredictOptions,
} from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { batchesOf, rowsOf, watched } from '../builders/batches.ts';
import { anything, expectError, type Case } from '../builders/expect-error.ts';
import { array, lstmAndHead, makeModel, makeSamples, type ModelSpec } from '../builders/make-model.ts';
import { SLOTS, expectSame, statefulModels } from '../builders/stateful-models.ts';

const stateless: ModelSpec = { inputShape: [4, 2], layers: lstmAndHead(5, false) };
const all = [...statefulModels, ['a stateless model', stateless] as const];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The forms in which batches can be given. */
const forms: Record<string, (batches: readonly InputBatch[]) => Batches<InputBatch>> = {
  'a function that returns an array': (batches) => () => batches,
  'a generator function': (batches) =>
    function* generate() {
      yield* batches;
    },
  'a generator': (batches) => batches.values(),
  'an asynchronous generator function': (batches) =>
    async function* generate() {
      for (const batch of batches) {
        await pause(0);
        yield batch;
      }
    },
  'a function that promises an iterable': (batches) => () => Promise.resolve(batches),
  'an iterable object': (batches) => ({ [Symbol.iterator]: () => batches[Symbol.iterator]() }),
  'an iterable of promises': (batches) => () => batches.map((batch) => Promise.resolve(batch)),
};

describe.each(all)('predict of batches, of %s,', (_name, spec) => {
  const models = async () => [await makeModel(spec), await makeModel(spec)] as const;
  // Batches of one size: the program for another may round in another way.
  const data = () => makeSamples(rng(randomSeed()), spec, 5 * SLOTS);

  test.each(Object.keys(forms))('takes %s', async (form) => {
    const samples = data();
    const [model, whole] = await models();
    const seen = await model.predict(forms[form](batchesOf(samples, SLOTS)));
    const { data: numbers, shape } = await whole.predict(samples.x, { batchSize: SLOTS });
    expect([seen.data, seen.shape]).toEqual([numbers, shape]);
    await expectSame(model, whole);
  });

  test('takes lengths, and samples alone', async () => {
    const random = rng(randomSeed());
    const samples = makeSamples(random, spec, 4 * SLOTS);
    const lengths = array(
      Array.from({ length: 4 * SLOTS }, () => random.integer(1, 4)),
      [4 * SLOTS],
    );
    const [model, whole] = await models();
    const named = batchesOf(samples, SLOTS).map(([x], batch) => {
      return { x, lengths: rowsOf(lengths, batch * SLOTS, (batch + 1) * SLOTS) };
    });
    expect((await model.predict(() => named)).data).toEqual((await whole.predict(samples.x, { lengths })).data);
    const alone = batchesOf(samples, SLOTS).map(([x]) => [x] as const);
    expect((await model.predict(() => alone)).data).toEqual((await whole.predict(samples.x)).data);
    await expectSame(model, whole);
  });

  test('of a callback has states of its own', async () => {
    const [samples, other] = [data(), data()];
    const [model, whole] = await models();
    const seen: Float32Array[] = [];
    const callback = (x: Parameters<ModelInTraining['predict']>[0], options: PredictOptions) => ({
      onEpochEnd: async (_epoch: number, _logs: unknown, inside: ModelInTraining) => {
        seen.push((await inside.predict(x, options)).data);
      },
    });
    const batches = () => batchesOf(other, SLOTS);
    const batchSize = SLOTS;
    await model.fit(samples.x, samples.y, { batchSize, callbacks: [callback(batches, {})] });
    await whole.fit(samples.x, samples.y, { batchSize, callbacks: [callback(other.x, { batchSize })] });
    expect(seen[0]).toEqual(seen[1]);
    await expectSame(model, whole);
  });

  test('copies arrays before it asks for the next batch', async () => {
    const samples = data();
    const [model, whole] = await models();
    function* refilled(): Generator<InputBatch> {
      const reused = makeSamples(rng(1), spec, SLOTS).x;
      for (const [x] of batchesOf(samples, SLOTS)) {
        reused.data.set(x.data);
        yield [reused];
      }
    }
    const { data: numbers } = await whole.predict(() => batchesOf(samples, SLOTS));
    expect((await model.predict(refilled)).data).toEqual(numbers);
  });
});

test('batches with more rows than a stateful model has start from zero and keep no states', async () => {
  const [, spec] = statefulModels[0];
  const { x } = makeSamples(rng(randomSeed()), spec, 3 * SLOTS);
  const [model, byHand] = [await makeModel(spec), await makeModel(spec)];
  const batches = [[rowsOf(x, 0, SLOTS)], [rowsOf(x, SLOTS)], [rowsOf(x, 0, SLOTS)]] as const;
  const expected: number[] = [];
  for (const [batch] of batches) expected.push(...(await byHand.predictOnBatch(batch)).data);
  expect(Array.from((await model.predict(() => batches)).data)).toEqual(expected);
  await expectSame(model, byHand);
});

describe('an iterable is told when predict ends', () => {
  const samples = makeSamples(rng(3), stateless, 12);

  test('unless it has come to its end', async () => {
    const model = await makeModel(stateless);
    const { iterator, ends, given } = watched<InputBatch>(batchesOf(samples, 2));
    await model.predict(iterator);
    expect([ends, given()]).toEqual([['done'], 6]);
  });

  test('when a batch is refused', async () => {
    const model = await makeModel(stateless);
    const { iterator, ends } = watched<InputBatch>([...batchesOf(samples, 2).slice(0, 2), [[[[1]]]]]);
    await expectError(() => model.predict(iterator), ShapeError, ['model.predict: batch 2: x']);
    expect(ends).toEqual(['return']);
    expect((await model.predict(samples.x)).shape).toEqual([12, 1]);
  });

  test('but not if it fails itself: predict fails with its error', async () => {
    const model = await makeModel(stateless);
    const { iterator, ends } = watched<InputBatch>(batchesOf(samples, 2));
    iterator.next = () => {
      throw new RangeError('no more');
    };
    await expect(model.predict(iterator)).rejects.toThrow('no more');
    expect(ends).toEqual([]);
  });

  test('when it is aborted while a batch is waited for that never comes', async () => {
    const model = await makeModel(stateless);
    const controller = new AbortController();
    async function* hanging(): AsyncGenerator<InputBatch> {
      yield [samples.x];
      setTimeout(() => controller.abort('enough'), 5);
      await new Promise(() => {});
    }
    await expect(model.predict(hanging, { signal: controller.signal })).rejects.toBe('enough');
    expect((await model.predict(samples.x)).shape).toEqual([12, 1]);
  });

  test('also if it was never asked for a batch, since the call was aborted before its turn', async () => {
    const model = await makeModel(stateless);
    const running = model.evaluate(samples.x, samples.y);
    const { iterator, ends, given } = watched<InputBatch>(batchesOf(samples, 2));
    const controller = new AbortController();
    const aborted = model.predict(iterator, { signal: controller.signal });
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await running;
    expect([ends, given()]).toEqual([['return'], 0]);
  });
});

test('no more batches are on the GPU than two, however many there are', async () => {
  const wide: ModelSpec = { inputShape: [8, 64], layers: lstmAndHead(1, false) };
  const model = await makeModel(wide);
  const { x } = makeSamples(rng(6), wide, 512);
  const bytesOf = async (count: number) => {
    const buffers = watchBuffers(gpu.device, (label) => label !== 'readback staging');
    onTestFinished(() => buffers.stop());
    await model.predict(() => Array.from({ length: count }, () => [x] as const));
    buffers.stop();
    return buffers.peak();
  };
  await bytesOf(2);
  expect(await bytesOf(20)).toBeLessThanOrEqual(x.data.byteLength);
});

describe('what cannot be predicted is refused:', () => {
  const { x } = makeSamples(rng(7), stateless, 6);
  /** A sample of 4 steps and 2 features. */
  const flat = Array.from(x.data.subarray(0, 8));
  type Call = (model: Awaited<ReturnType<typeof makeModel>>) => unknown;
  const cases: Case<Call>[] = [
    [
      'no batch at all',
      (model) => model.predict(() => []),
      ValueError,
      ['model.predict: there was no batch', 'at least one'],
    ],
    [
      'a function that returns no iterable',
      (model) => model.predict(anything(() => 1)),
      ValueError,
      ['model.predict: the function returned 1, expected an iterable'],
    ],
    [
      'a batch that is none',
      (model) => model.predict(() => [anything(x)]),
      ShapeError,
      ['model.predict: batch 0 is', 'expected samples in a list, [x], or by name, { x }'],
    ],
    [
      'two flat samples without a list around them',
      (model) => model.predict(() => [anything([flat, flat])]),
      ShapeError,
      ['model.predict: batch 0 is', 'expected samples in a list, [x], or by name, { x }'],
    ],
    [
      'four samples without a list around them',
      (model) => model.predict(() => [anything(Array.from({ length: 4 }, () => Float32Array.from(flat)))]),
      ShapeError,
      ['model.predict: batch 0 is', 'expected samples in a list, [x], or by name, { x }'],
    ],
    [
      'a batch with a slip',
      (model) => model.predict(() => [anything({ x, length: 1 })]),
      ValueError,
      ['model.predict: batch 0: there is no option "length". Did you mean "lengths"?'],
    ],
    [
      'a batch size beside batches',
      (model) => model.predict(() => [[x]], { batchSize: 2 }),
      ValueError,
      ['model.predict: there is no option "batchSize"'],
    ],
  ];
  test.each(cases)('%s', async (_what, call, error, says) => {
    const model = await makeModel(stateless);
    await expectError(() => call(model), error, says);
    expect((await model.predict(x)).shape).toEqual([6, 1]);
  });

  test('outputs of sequences that differ in length', async () => {
    const model = await makeModel({
      inputShape: [anything(null), 2],
      layers: [
        { kind: 'lstm', units: 3, returnSequences: true },
        { kind: 'dense', units: 1 },
      ],
    });
    const batches = [4, 5].map((steps) => [makeSamples(rng(8), { inputShape: [steps, 2] }, 2).x] as const);
    const says = ['the outputs of batch 1 have shape [2, 5, 1] and those of batch 0 [2, 4, 1]', 'predictOnBatch'];
    await expectError(() => model.predict(() => batches), ShapeError, says);
  });
});
