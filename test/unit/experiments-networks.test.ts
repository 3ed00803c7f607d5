import { beforeEach, expect, test, vi } from 'vitest';
import type { Gpu, Model } from '../../src/index.ts';
import { withNetworks } from '../../demo/experiments/run/network.ts';

const { sequential, built } = vi.hoisted(() => {
  const built: { dispose: () => void }[] = [];
  return { sequential: vi.fn<() => Promise<unknown>>(), built };
});
vi.mock('../../src/index.ts', async (load) => ({ ...(await load<object>()), sequential }));

beforeEach(() => {
  built.length = 0;
  sequential.mockReset().mockImplementation(() => {
    built.push({ dispose: vi.fn<() => void>() });
    return Promise.resolve({ ...built[built.length - 1], compile: () => {} });
  });
});

const gpu = {} as Gpu;
const network = { seed: 1, timesteps: 10, stateful: true };

function expectFreed(count: number): void {
  expect(built.length).toBe(count);
  for (const { dispose } of built) expect(dispose).toHaveBeenCalledOnce();
}

test('networks are there for the work, and freed after it', async () => {
  const work = (models: Model[]) => {
    for (const { dispose } of built) expect(dispose).not.toHaveBeenCalled();
    return Promise.resolve(models.length);
  };
  expect(await withNetworks(gpu, [network, network], work)).toBe(2);
  expectFreed(2);
});

test('networks are freed when the work fails', async () => {
  const work = () => Promise.reject(new Error('lost'));
  await expect(withNetworks(gpu, [network, network], work)).rejects.toThrow('lost');
  expectFreed(2);
});

test('those that were built are freed when a later one cannot be built', async () => {
  const networks = function* () {
    yield network;
    yield network;
    sequential.mockRejectedValueOnce(new Error('no memory'));
    yield network;
  };
  const work = vi.fn<() => Promise<void>>();
  await expect(withNetworks(gpu, networks(), work)).rejects.toThrow('no memory');
  expect(work).not.toHaveBeenCalled();
  expectFreed(2);
});
