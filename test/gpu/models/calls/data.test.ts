import { describe, expect, test } from 'vitest';
import { BusyError, lstm, sequential } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import {
  array,
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

describe('shapes of data', () => {
  test('nested arrays are as good as flat ones, and targets need no inner brackets', async () => {
    const [flat, nested] = [await makeModel(spec), await makeModel(spec)];
    const x = [[[1, 2], [3, 4], [5, 6]], [[-1, 0], [0, 1], [1, 1]]]; // prettier-ignore
    await flat.trainOnBatch(array(x.flat(2), [2, 3, 2]), array([1, 0], [2, 1]));
    await nested.trainOnBatch(x, [1, 0]);
    expect(await weightsOf(nested)).toEqual(await weightsOf(flat));
  });

  test('any number of steps fits where timesteps are null', async () => {
    const model = await sequential(gpu, { inputShape: [null, 1], layers: [lstm({ units: 2, returnSequences: true })] });
    for (const steps of [1, 5, 2]) {
      const { data, shape } = await model.predict(array(new Float32Array(steps).fill(0.5), [1, steps, 1]));
      expect(shape).toEqual([1, steps, 2]);
      expect(data.every((value) => value !== 0)).toBe(true);
    }
    model.dispose();
  });

  test('arrays may be used again as soon as a call returned, awaited or not', async () => {
    const [careful, reusing] = [await makeModel(spec), await makeModel(spec)];
    const batches = Array.from({ length: 5 }, (_, n) => makeSamples(rng(n), spec, 2));
    const expected = [];
    for (const { x, y } of batches) expected.push(await careful.trainOnBatch(x, y));
    const shared = makeSamples(rng(0), spec, 2);
    const results = batches.map(({ x, y }) => {
      shared.x.data.set(x.data);
      shared.y.data.set(y.data);
      return reusing.trainOnBatch(shared.x, shared.y);
    });
    expect(await Promise.all(results)).toEqual(expected);
  });
});

describe('calls that nobody awaits', () => {
  test('get their own losses or are refused, however many there are, never the losses of others', async () => {
    const optimizer = { kind: 'adam', learningRate: 0 } as const;
    const model = await makeModel({ inputShape: [1, 1], layers: lstmAndHead(1, false), optimizer });
    await setWeights(model, [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0], [1]]);
    const x = array([0], [1, 1, 1]);
    const targets = [array([0], [1, 1]), array([1], [1, 1])];
    const expected: number[] = [];
    for (const y of targets) expected.push((await model.trainOnBatch(x, y)).loss);

    // More than the journal of losses has rows; the first half with one target, the second with the other.
    const COUNT = 40_000;
    const half = (call: number) => (call < COUNT / 2 ? 0 : 1);
    const refused = (error: unknown) => (error instanceof BusyError ? undefined : error);
    const calls: Promise<unknown>[] = [];
    for (let call = 0; call < COUNT; call++) {
      calls.push(model.trainOnBatch(x, targets[half(call)]).then(({ loss }) => loss, refused));
      if (call % 500 === 0) await Promise.resolve();
    }
    const losses = await Promise.all(calls);
    const wrong = losses.filter((loss, call) => loss !== undefined && loss !== expected[half(call)]);
    expect(wrong.length).toBe(0);
    expect(losses[0]).toBe(expected[0]);
  });
});

describe('predict', () => {
  test.each([1, 3, 10, 64])('gives the same for any batch size: %i', async (batchSize) => {
    const { model, twin } = await makePair(spec);
    const { x } = makeSamples(rng(6), spec, 10);
    const { data, shape } = await model.predict(x, { batchSize });
    expect(shape).toEqual([10, 1]);
    expectClose(data, twin.predictOnBatch(x.data), { ...close, what: 'prediction' });
  });
});
