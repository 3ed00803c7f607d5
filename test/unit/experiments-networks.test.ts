import { expect, test, vi } from 'vitest';
import { watchBuffers } from '../../bench/memory/buffers.ts';
import { withNetworks } from '../../demo/experiments/run/network.ts';
import { requestGpu, ShapeError, type Model } from '../../src/index.ts';
import { stubDevice } from '../harness/stub-device.ts';

const network = { seed: 1, timesteps: 10, stateful: true };

/** A GPU that computes nothing, with the number of bytes that its models hold. */
async function makeGpu() {
  const { device } = stubDevice();
  const buffers = watchBuffers(device);
  const gpu = await requestGpu({ device, tuning: 'off' });
  return { gpu, bytes: () => buffers.live().bytes };
}

test('networks are there for the work, and freed after it', async () => {
  const { gpu, bytes } = await makeGpu();
  const before = bytes();
  const work = (models: Model[]) => {
    expect(bytes()).toBeGreaterThan(before);
    return Promise.resolve(models.length);
  };
  expect(await withNetworks(gpu, [network, network], work)).toBe(2);
  expect(bytes()).toBe(before);
});

test('networks are freed when the work fails', async () => {
  const { gpu, bytes } = await makeGpu();
  const before = bytes();
  const work = () => Promise.reject(new Error('lost'));
  await expect(withNetworks(gpu, [network, network], work)).rejects.toThrow('lost');
  expect(bytes()).toBe(before);
});

test('those that were built are freed when a later one cannot be built', async () => {
  const { gpu, bytes } = await makeGpu();
  const before = bytes();
  const networks = function* () {
    yield network;
    yield network;
    expect(bytes()).toBeGreaterThan(before);
    yield { ...network, timesteps: -1 };
  };
  const work = vi.fn<() => Promise<void>>();
  await expect(withNetworks(gpu, networks(), work)).rejects.toThrow(ShapeError);
  expect(work).not.toHaveBeenCalled();
  expect(bytes()).toBe(before);
});
