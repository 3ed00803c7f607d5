import { expect, test, vi } from 'vitest';
import { watchBuffers } from '../../bench/memory/buffers.ts';
import { adam, dense, lstm, requestGpu, sequential } from '../../src/index.ts';
import { stubDevice } from '../harness/stub-device.ts';

const LENGTHS = 200;
const ROWS = 64;
/** Weights, moments, the journal and staging buffers of results. */
const OTHERS = 8 * 2 ** 20;

test(`${LENGTHS} lengths leave no more bytes than the bound, and the newest programs`, async () => {
  const { device } = stubDevice();
  // A quarter of it, 64 MiB, is kept.
  Object.defineProperty(device, 'limits', {
    value: Object.assign(Object.create(device.limits), { maxBufferSize: 2 ** 28 }),
  });
  const buffers = watchBuffers(device);
  const gpu = await requestGpu({ device, tuning: 'off' });
  const layers = [lstm({ units: 64 }), dense({ units: 1, activation: 'sigmoid' })];
  const model = await sequential(gpu, { inputShape: [null, 4], seed: 7, layers });
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  let most = 0;
  for (let steps = 1; steps <= LENGTHS; steps++) {
    const x = { data: new Float32Array(ROWS * steps * 4), shape: [ROWS, steps, 4] };
    await model.trainOnBatch(x, { data: new Float32Array(ROWS), shape: [ROWS, 1] });
    most = Math.max(most, buffers.live().bytes);
  }
  expect(most).toBeLessThan(gpu.recentlyUsed.mostBytes + OTHERS);
  // The bound was reached.
  expect(most).toBeGreaterThan(gpu.recentlyUsed.mostBytes / 2);
  const lengths = new Set(model.explain().map(({ steps }) => steps));
  expect(lengths.size).toBeLessThan(LENGTHS);
  const first = Math.min(...lengths);
  expect([...lengths]).toEqual(Array.from({ length: LENGTHS + 1 - first }, (_, n) => first + n));
  model.dispose();
  expect(buffers.live().bytes).toBeLessThan(OTHERS);
});

test('a kernel whose compilation failed once is compiled anew', async () => {
  const { device } = stubDevice();
  const gpu = await requestGpu({ device, tuning: 'off' });
  const model = await sequential(gpu, { inputShape: [2, 1], layers: [lstm({ units: 2 })] });
  const compile = vi.spyOn(device, 'createComputePipelineAsync').mockRejectedValueOnce(new Error('out of resources'));
  const x = [[[1], [2]]];
  await expect(model.predictOnBatch(x)).rejects.toThrow('out of resources');
  const first = compile.mock.calls.length;
  expect((await model.predictOnBatch(x)).shape).toEqual([1, 2]);
  expect(compile.mock.calls.length).toBeGreaterThan(first);
});
