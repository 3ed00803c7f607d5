import { describe, expect, test, vi } from 'vitest';
import { ShapeError, ValueError, type Batch, type Batches, type Model } from '../../../../src/index.ts';
import { rng } from '../../../harness/random.ts';
import { batchesOf, stateless, watched } from '../builders/batches.ts';
import { anything, expectError } from '../builders/expect-error.ts';
import { makeModel, makeSamples, weightsOf } from '../builders/make-model.ts';

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
