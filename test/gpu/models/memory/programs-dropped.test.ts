import { expect, onTestFinished, test } from 'vitest';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { adam, dense, lstm, requestGpu, sequential, type Gpu } from '../../../../src/index.ts';
import { array } from '../builders/make-model.ts';

/** Each compiles kernels of its own, so few long ones take less time than many short ones that fill as much memory. */
const LENGTHS = [5, 10, 15, 20, 25, 30, 35, 40];
const ROWS = 512;

/** A GPU with WebGPU's default limits, which keeps 64 MiB of programs, and what it holds. */
async function smallGpu() {
  const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
  const device = await adapter.requestDevice();
  const gpu = await requestGpu({ device, tuning: 'off' });
  const buffers = watchBuffers(device);
  onTestFinished(() => {
    gpu.dispose();
    device.destroy();
  });
  return { gpu, buffers };
}

/** A small model for sequences of any length. */
async function makeModel(gpu: Gpu) {
  const layers = [lstm({ units: 32 }), dense({ units: 1, activation: 'sigmoid' })];
  const model = await sequential(gpu, { inputShape: [null, 1], seed: 7, layers });
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy' });
  return model;
}

const samples = (steps: number) => {
  const x = Array.from({ length: ROWS * steps }, (_, n) => Math.sin(n + steps));
  return [array(x, [ROWS, steps, 1]), array(new Float32Array(ROWS), [ROWS, 1])] as const;
};

test('sequences of many lengths take no more memory than the bound, with the results of a fresh model', async () => {
  const { gpu, buffers } = await smallGpu();
  const model = await makeModel(gpu);
  // Weights, moments and the journal, with room for staging buffers of results.
  const more = 8 * 2 ** 20;
  for (const steps of LENGTHS) {
    const [x, y] = samples(steps);
    await model.trainOnBatch(x, y);
    expect(buffers.live().bytes).toBeLessThan(gpu.recentlyUsed.mostBytes + more);
  }
  // Without a bound they would be more: the bound was reached, and programs were dropped.
  expect(buffers.live().bytes).toBeGreaterThan(gpu.recentlyUsed.mostBytes / 2);
  expect(new Set(model.explain().map(({ steps }) => steps)).size).toBeLessThan(LENGTHS.length);

  const fresh = await makeModel(gpu);
  fresh.setWeights(await model.getWeights());
  for (const steps of [LENGTHS[0], LENGTHS.at(-1)!]) {
    const [x, y] = samples(steps);
    expect(await model.testOnBatch(x, y)).toEqual(await fresh.testOnBatch(x, y));
  }
  model.dispose();
  fresh.dispose();
  expect(buffers.live().bytes).toBeLessThan(more);
}, 120_000);
