import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import {
  ShapeError,
  ValueError,
  type Batch,
  type Batches,
  type Logs,
  type Model,
  type ModelInTraining,
  type Progress,
} from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { countGpuCalls } from '../../count-calls.ts';
import { gpu } from '../../gpu.ts';
import { batchesOf, rowsOf, watched, type Samples } from '../builders/batches.ts';
import { anything, expectError, type Case } from '../builders/expect-error.ts';
import { array, lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';
import { SLOTS, expectSame, statefulModels } from '../builders/stateful-models.ts';

const stateless: ModelSpec = { inputShape: [4, 2], layers: lstmAndHead(5, false) };
const all = [...statefulModels, ['a stateless model', stateless] as const];
const pause = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));

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

describe('an iterable is told when it ends:', () => {
  const samples = makeSamples(rng(3), stateless, 12);
  const parts = () => watched<Batch>(batchesOf(samples, 2));
  const calls: ((model: Model, batches: Batches, signal?: AbortSignal) => Promise<unknown>)[] = [
    (model, batches, signal) => model.fit(batches, { signal }),
    (model, batches, signal) => model.evaluate(batches, { signal }),
    (model, batches, signal) => model.predict(batches, { signal }),
  ];

  test('one that comes to its end is not, and no more is asked of it', async () => {
    const model = await makeModel(stateless);
    for (const call of calls) {
      const { iterator, ends, given } = parts();
      await call(model, iterator);
      expect([ends, given()]).toEqual([['done'], 6]);
    }
  });

  test('when fit is stopped, and no further batch is asked for', async () => {
    const model = await makeModel(stateless);
    const { iterator, ends, given } = parts();
    const onBatchEnd = (batch: number) => void (model.stopTraining = batch === 2);
    const { history } = await model.fit(iterator, { callbacks: [{ onBatchEnd }] });
    expect(history.loss).toHaveLength(1);
    expect([ends, given()]).toEqual([['return'], 3]);
  });

  test('when fit is stopped while a batch is waited for, which is not trained on then', async () => {
    const [model, byHand] = [await makeModel(stateless), await makeModel(stateless)];
    const batches = batchesOf(samples, 2);
    let isEnded = false;
    async function* stopping(): AsyncGenerator<Batch> {
      try {
        for (const batch of batches) {
          yield batch;
          model.stopTraining = true;
        }
      } finally {
        isEnded = true;
      }
    }
    const { history } = await model.fit(stopping, { epochs: 3 });
    const { loss } = await byHand.trainOnBatch(...batches[0]);
    expect(history.loss).toEqual([loss]);
    expect(await weightsOf(model)).toEqual(await weightsOf(byHand));
    expect(isEnded).toBe(true);
  });

  test('when a callback throws, and when a batch is refused', async () => {
    const model = await makeModel(stateless);
    const stopped = parts();
    const onBatchEnd = () => {
      throw new RangeError('enough');
    };
    await expect(model.fit(stopped.iterator, { callbacks: [{ onBatchEnd }] })).rejects.toThrow(RangeError);
    expect(stopped.ends).toEqual(['return']);
    for (const call of ['fit', 'evaluate'] as const) {
      const refused = watched<Batch>([...batchesOf(samples, 2).slice(0, 2), [[[[1]]], [1]]]);
      const says = [`model.${call}: batch 2: x has shape`];
      await expectError(() => model[call](refused.iterator), ShapeError, says);
      expect(refused.ends).toEqual(['return']);
    }
    const refused = watched([...batchesOf(samples, 2).slice(0, 2), [[[[1]]]] as const]);
    await expectError(() => model.predict(refused.iterator), ShapeError, ['model.predict: batch 2: x has shape']);
    expect(refused.ends).toEqual(['return']);
  });

  test('but not if it fails itself: the call fails with its error, after the batches before', async () => {
    const [model, byHand] = [await makeModel(stateless), await makeModel(stateless)];
    let returned = false;
    const [first] = batchesOf(samples, 2);
    let next = 0;
    const failing = {
      next: () => {
        if (next++ === 0) return { done: false as const, value: first };
        throw new RangeError('no more');
      },
      return: () => {
        returned = true;
        return { done: true as const, value: undefined };
      },
      [Symbol.iterator]: () => failing,
    };
    await expect(model.fit(failing)).rejects.toThrow('no more');
    expect(returned).toBe(false);
    await byHand.trainOnBatch(...first);
    expect(await weightsOf(model)).toEqual(await weightsOf(byHand));
  });

  test('when the call is aborted while it is waited for, even if it never answers', async () => {
    const [model, byHand] = [await makeModel(stateless), await makeModel(stateless)];
    const [first] = batchesOf(samples, 2);
    for (const call of calls) {
      const controller = new AbortController();
      async function* hanging(): AsyncGenerator<Batch> {
        yield first;
        setTimeout(() => controller.abort('enough'), 5);
        await new Promise(() => {});
      }
      await expect(call(model, hanging, controller.signal)).rejects.toBe('enough');
    }
    await byHand.trainOnBatch(...first);
    expect(await weightsOf(model)).toEqual(await weightsOf(byHand));
  });

  test('when the call is aborted before its turn, though it was not asked for a batch', async () => {
    const model = await makeModel(stateless);
    for (const call of calls) {
      const running = model.evaluate(samples.x, samples.y);
      const { iterator, ends, given } = parts();
      const controller = new AbortController();
      const aborted = call(model, iterator, controller.signal);
      controller.abort('enough');
      await expect(aborted).rejects.toBe('enough');
      await running;
      expect([ends, given()]).toEqual([['return'], 0]);
    }
  });

  test('when a function promises it only after the call was aborted', async () => {
    const model = await makeModel(stateless);
    for (const call of calls) {
      const { iterator, ends, given } = parts();
      const controller = new AbortController();
      let promise!: (batches: typeof iterator) => void;
      const batches = () => {
        setTimeout(() => controller.abort('enough'), 1);
        return new Promise<typeof iterator>((resolve) => (promise = resolve));
      };
      await expect(call(model, batches, controller.signal)).rejects.toBe('enough');
      promise(iterator);
      await vi.waitFor(() => expect(ends).toEqual(['return']));
      expect(given()).toBe(0);
    }
  });

  test('but not if the call is refused at once: it can be given again', async () => {
    const model = await makeModel(stateless);
    const { iterator, ends } = parts();
    await expectError(() => model.fit(iterator, anything({ rows: 2 })), ValueError, ['no option "rows"']);
    await expect(model.fit(iterator, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    expect(ends).toEqual([]);
    await model.fit(iterator);
  });
});

describe('what was queued is sent before the iterable is waited for', () => {
  test('so that a batch can depend on the results of those before', async () => {
    const samples = makeSamples(rng(4), stateless, 6);
    const model = await makeModel(stateless);
    const seen: Float32Array[] = [];
    async function* looking(): AsyncGenerator<Batch> {
      for (const batch of batchesOf(samples, 2)) {
        yield batch;
        const [weights] = await model.getWeights();
        seen.push(weights.data);
      }
    }
    await model.fit(looking);
    const byHand = await makeModel(stateless);
    const expected: Float32Array[] = [];
    for (const [x, y] of batchesOf(samples, 2)) {
      await byHand.trainOnBatch(x, y);
      const [weights] = await byHand.getWeights();
      expected.push(weights.data);
    }
    expect(seen).toEqual(expected);
  });

  test.each(['fit', 'evaluate'] as const)('by %s, also if nobody asks for results', async (call) => {
    const batches = batchesOf(makeSamples(rng(8), stateless, 6), 2);
    const model = await makeModel(stateless);
    const calls = countGpuCalls();
    const isSent: boolean[] = [];
    async function* slow(): AsyncGenerator<Batch> {
      const { submit } = calls();
      for (const batch of batches) {
        yield batch;
        await pause(20);
        isSent.push(calls().submit - submit > isSent.length);
      }
    }
    await model[call](slow);
    isSent.length = 0;
    // Nothing is compiled or chosen any more, so that each submit is an update.
    await model[call](slow);
    expect(isSent).toEqual([true, true, true]);
  });

  test('and also before a function that promises it is waited for', async () => {
    const batches = batchesOf(makeSamples(rng(9), stateless, 6), 2);
    const model = await makeModel(stateless);
    await model.fit(() => batches);
    const calls = countGpuCalls();
    const submits: number[] = [];
    const promised = async () => {
      await pause(20);
      submits.push(calls().submit);
      return batches;
    };
    await model.fit(promised, { epochs: 2 });
    // Nobody asks for the results of the first epoch before the second.
    expect(submits[1]).toBeGreaterThan(submits[0]);
  });
});

describe('progress', () => {
  const samples = makeSamples(rng(5), stateless, 8);
  async function progressOf(batches: Batches): Promise<Progress[]> {
    const model = await makeModel(stateless);
    const made: Progress[] = [];
    const slow = { onBatchEnd: () => pause(150) };
    await model.fit(batches, { epochs: 2, callbacks: [slow], onProgress: (progress) => void made.push(progress) });
    return made;
  }

  test('tells how many batches there are once an epoch has ended', async () => {
    const made = await progressOf(() => batchesOf(samples, 2)[Symbol.iterator]());
    const first = made.filter(({ epoch, batch }) => epoch === 0 && batch < 4);
    expect(first.length).toBeGreaterThan(0);
    for (const { batches, remainingSeconds } of first)
      expect([batches, remainingSeconds]).toEqual([undefined, undefined]);
    const last = made.at(-1)!;
    expect([last.epoch, last.batch, last.batches, last.remainingSeconds]).toEqual([1, 4, 4, 0]);
  });

  test('tells it from the start if the iterable has a length', async () => {
    const made = await progressOf(() => batchesOf(samples, 2));
    const running = made.filter(({ phase }) => phase !== 'compiling');
    expect(running.length).toBeGreaterThan(0);
    expect(running.map(({ batches }) => batches)).toEqual(running.map(() => 4));
  });
});

describe('memory', () => {
  test('holds no more than two batches of samples, and afterwards what single batches keep', async () => {
    const rows = 4096;
    const wide: ModelSpec = { inputShape: [8, 64], layers: lstmAndHead(1, false) };
    const model = await makeModel(wide);
    const one = makeSamples(rng(6), wide, rows);
    const buffers = watchBuffers(gpu.device, (label) => label.startsWith('samples'));
    onTestFinished(() => buffers.stop());
    const batchBytes = 4 * (one.x.data.length + one.y.data.length);
    let most = 0;
    const onBatchEnd = () => void (most = Math.max(most, buffers.live().bytes));
    await model.fit(() => Array.from({ length: 6 }, () => [one.x, one.y] as const), { callbacks: [{ onBatchEnd }] });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2 * batchBytes);
  });
});

describe('what cannot be is refused:', () => {
  const samples: Samples = makeSamples(rng(7), stateless, 6);
  const batches = () => batchesOf(samples, 2);
  const cases: Case<(model: Model) => unknown>[] = [
    [
      'an iterator for several epochs',
      (model) => model.fit(watched<Batch>(batches()).iterator, { epochs: 3 }),
      ValueError,
      ['model.fit', 'can be gone through once', '3 epochs', '() => batches()'],
    ],
    [
      'a function that returns a spent iterator',
      (model) => {
        const { iterator } = watched<Batch>(batches());
        return model.fit(() => iterator, { epochs: 2 });
      },
      ValueError,
      ['model.fit: there was no batch', 'in every epoch', 'once'],
    ],
    ['no batch at all', (model) => model.evaluate(() => []), ValueError, ['model.evaluate: there was no batch']],
    [
      'a function that returns no iterable',
      (model) => model.predict(anything(() => 1)),
      ValueError,
      ['model.predict: the function returned 1, expected an iterable'],
    ],
    [
      'a class',
      (model) => model.fit(anything(class Batches {})),
      ValueError,
      ['model.fit: the batches are a class, expected an iterable', 'an object of that class'],
    ],
    [
      'an iterable without an iterator',
      (model) => model.predict(anything({ [Symbol.iterator]: () => 5 })),
      ValueError,
      ['model.predict: [Symbol.iterator]() of the batches gave 5, expected { next() }'],
    ],
    [
      'an iterator that answers with nothing',
      (model) => model.evaluate(anything({ [Symbol.iterator]: () => ({ next: () => undefined }) })),
      ValueError,
      ['model.evaluate: next() of the batches gave undefined, expected { done, value }. A generator function'],
    ],
    [
      'an asynchronous iterator that answers with a number',
      (model) => model.fit(anything({ [Symbol.asyncIterator]: () => ({ next: async () => 7 }) })),
      ValueError,
      ['model.fit: next() of the batches gave 7, expected { done, value }'],
    ],
    [
      'a batch that is none',
      (model) => model.fit(() => [anything(samples.x)]),
      ShapeError,
      ['model.fit: batch 0 is', 'expected samples and targets in a list, [x, y], or by name, { x, y }'],
    ],
    [
      'a batch without targets',
      (model) => model.evaluate(() => [anything([samples.x])]),
      ShapeError,
      ['model.evaluate: batch 0 is', '[x, y]'],
    ],
    [
      'a batch with a slip',
      (model) => model.fit(() => [anything({ ...samples, sample_weight: 1 })]),
      ValueError,
      ['model.fit: batch 0: there is no option "sample_weight". Did you mean "sampleWeight"?'],
    ],
    [
      'targets beside batches',
      (model) => model.fit(anything(batches), anything(samples.y)),
      ValueError,
      ['model.fit: y is', 'batches bring their own', 'fit(batches, options)'],
    ],
    [
      'batches in an array',
      (model) => model.fit(anything(batches()), anything({ epochs: 2 })),
      ValueError,
      ['model.fit: y is { epochs: 2 }', 'fit(() => batches, options)'],
    ],
    [
      'options that concern arrays',
      (model) => model.fit(batches, anything({ shuffle: true })),
      ValueError,
      ['model.fit: there is no option "shuffle"'],
    ],
    [
      'a mask of resets',
      (model) => model.fit(batches, anything({ resetStates: [1, 0] })),
      ValueError,
      ['model.fit: resetStates is', "'never', 'epoch'"],
    ],
  ];
  test.each(cases)('%s', async (_what, call, error, says) => {
    const model = await makeModel(stateless);
    await expectError(() => call(model), error, says);
    expect((await model.fit(samples.x, samples.y)).history.loss).toHaveLength(1);
  });
});
