import { expect, test, vi } from 'vitest';
import { watchBuffers } from '../../bench/memory/buffers.ts';
import { DisposedError, lstm, requestGpu, sequential } from '../../src/index.ts';
import { Random } from '../../src/models/network/random.ts';
import { elementCount } from '../../src/runtime/shape.ts';
import { inSlices, WORK_PER_SLICE, type Sliced } from '../../src/runtime/slices.ts';
import { inPieces } from '../harness/in-pieces.ts';
import { stubDevice } from '../harness/stub-device.ts';

/** Counts how often the event loop comes round to other work until this is done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await work.finally(() => (isDone = true));
  return turns;
}

function* workOf(pieces: readonly number[]): Sliced<string> {
  yield* pieces;
  return 'done';
}

test('work of less than a slice does not wait for the event loop', async () => {
  const onPause = vi.fn<() => void>();
  const work = inSlices(workOf([WORK_PER_SLICE / 2, WORK_PER_SLICE / 4]), onPause);
  expect(await Promise.race([work, new Promise((resolve) => setImmediate(resolve, 'later'))])).toBe('done');
  expect(onPause).not.toHaveBeenCalled();
});

test('longer work pauses after each slice, and other work runs meanwhile', async () => {
  const onPause = vi.fn<() => void>();
  const pieces = Array<number>(40).fill(WORK_PER_SLICE / 4);
  expect(await turnsDuring(inSlices(workOf(pieces), onPause))).toBeGreaterThanOrEqual(10);
  expect(onPause).toHaveBeenCalledTimes(10);
});

test('what a pause throws ends the work', async () => {
  const pieces = Array<number>(8).fill(WORK_PER_SLICE / 2);
  let pauses = 0;
  const work = inSlices(workOf(pieces), () => {
    pauses++;
    if (pauses === 2) throw new Error('enough');
  });
  await expect(work).rejects.toThrow('enough');
  expect(pauses).toBe(2);
});

test('a model is initialized in as many slices as its work has, and in none where weights are given', async () => {
  const { device } = stubDevice();
  const gpu = await requestGpu({ device, tuning: 'off' });
  const units = 256;
  const layer = lstm({ units });
  const options = { inputShape: [null, 4] as const, layers: [layer], seed: 1 };
  const [{ parts }] = layer.build('lstm', [null, 4]).matrices;
  const work = parts.flatMap(({ initializer, shape }) => inPieces(initializer(shape, new Random(1))).pieces);
  const slices = Math.floor(work.reduce((sum, piece) => sum + piece, 0) / WORK_PER_SLICE);
  expect(slices).toBeGreaterThan(8);
  // A slice ends with the piece that fills it, so the slices may be fewer by one or two.
  expect(await turnsDuring(sequential(gpu, options))).toBeGreaterThan(slices - 2);
  const weights = parts.map(({ shape }) => ({ shape, data: new Float32Array(elementCount(shape)) }));
  expect(await turnsDuring(sequential(gpu, { ...options, weights }))).toBeLessThan(4);
});

test('a model whose GPU is disposed while it is initialized is not made', async () => {
  const { device } = stubDevice();
  const gpu = await requestGpu({ device, tuning: 'off' });
  const buffers = watchBuffers(device);
  const made = sequential(gpu, { inputShape: [null, 4], layers: [lstm({ units: 256 })] });
  setImmediate(() => gpu.dispose());
  await expect(made).rejects.toThrow(DisposedError);
  expect(buffers.live().bytes).toBe(0);
});

test('generator functions of initializers close what they have opened, also if they are not run to their end', async () => {
  const { device } = stubDevice();
  const gpu = await requestGpu({ device, tuning: 'off' });
  const events: string[] = [];
  function* kernelInitializer(shape: readonly number[]): Generator<undefined, Float32Array> {
    events.push('opened');
    try {
      yield;
      return new Float32Array(elementCount(shape));
    } finally {
      events.push('closed');
    }
  }
  const options = { inputShape: [null, 4] as const, layers: [lstm({ units: 2, kernelInitializer })] };
  await sequential(gpu, options);
  const disposed = sequential(gpu, options);
  setImmediate(() => gpu.dispose());
  await expect(disposed).rejects.toThrow(DisposedError);
  expect(events).toEqual(['opened', 'closed', 'opened', 'closed']);
});
