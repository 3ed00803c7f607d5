import { describe, expect, onTestFinished, test } from 'vitest';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { type Batch, type Batches, type Progress } from '../../../../src/index.ts';
import { rng } from '../../../harness/random.ts';
import { countGpuCalls } from '../../count-calls.ts';
import { gpu } from '../../gpu.ts';
import { batchesOf, pause, stateless } from '../builders/batches.ts';
import { lstmAndHead, makeModel, makeSamples, type ModelSpec } from '../builders/make-model.ts';

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
