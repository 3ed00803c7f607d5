import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { requestGpu } from '../../src/index.ts';
import { TuningCache, type TuningCacheOptions } from '../../src/runtime/autotune/tuning-cache.ts';
import type { TuningStorage } from '../../src/runtime/autotune/tuning-storage.ts';
import { CARD, FakeTime, stubDevice } from '../harness/stub-device.ts';

describe('what was stored as results', () => {
  const KERNELS = [{ source: 'a' }, { source: 'b', preludes: ['c'] }];
  const task = { key: 'work', kernels: KERNELS };

  /** What a cache stores for the candidate `a`. */
  async function stored(): Promise<unknown> {
    const save = vi.fn<TuningStorage['save']>(() => Promise.resolve());
    const storage = { store: { load: () => Promise.resolve(undefined), save }, key: 'card' };
    const cache = new TuningCache({ isTuning: true, storage });
    cache.set(task, { name: 'a', throughput: 5, why: 'measured', isMeasured: true });
    cache.save();
    await Promise.resolve();
    return save.mock.lastCall![1];
  }

  test('is found again', async () => {
    const cache = new TuningCache({ isTuning: true, stored: await stored() });
    expect(cache.get(task)).toMatchObject({ name: 'a', throughput: 5 });
  });

  test.each([
    ['the source of a kernel', [KERNELS[0], { source: 'B', preludes: ['c'] }]],
    ['a prelude', [KERNELS[0], { source: 'b', preludes: ['C'] }]],
    ['an extension', [KERNELS[0], { ...KERNELS[1], extensions: ['f16'] }]],
    ['the list of kernels', [KERNELS[0]]],
  ])('no longer counts when %s has changed', async (_what, kernels) => {
    const cache = new TuningCache({ isTuning: true, stored: await stored() });
    expect(cache.get({ key: 'work', kernels })).toBeUndefined();
  });

  test.each([
    ['no object', 'garbage'],
    ['null', null],
    ['results that are null', { work: null }],
    ['a text for a throughput', { throughput: '1e6' }],
    ['an infinite throughput', { throughput: Infinity }],
    ['no throughput', { throughput: undefined }],
    ['a throughput of 0', { throughput: 0 }],
    ['a negative throughput', { throughput: -1 }],
    ['no name', { name: undefined }],
    ['no digest of the kernels', { kernels: undefined }],
  ])('is ignored if it holds %s', async (_what, change) => {
    const { work } = (await stored()) as { work: object };
    const isEntry = typeof change === 'object' && change !== null && !('work' in change);
    const cache = new TuningCache({ isTuning: true, stored: isEntry ? { work: { ...work, ...change } } : change });
    expect(cache.get(task)).toBeUndefined();
  });
});

describe('storage of results', () => {
  const options = (save: () => Promise<void>): TuningCacheOptions => ({
    isTuning: true,
    storage: { key: 'card', store: { load: () => Promise.resolve({}), save } },
  });

  test('that does not answer holds requestGpu up for a second at the most', async () => {
    const time = new FakeTime(0.1);
    vi.stubGlobal('indexedDB', { open: () => ({}) });
    const gpu = await time.run(requestGpu({ device: stubDevice({ adapterInfo: CARD }).device }));
    expect(gpu.tuningCache.isTuning).toBe(true);
    expect(time.now).toBeGreaterThan(999);
    expect(time.now).toBeLessThan(1010);
  });

  test('that fails is no error', async () => {
    const open = () => {
      throw new Error('SecurityError');
    };
    vi.stubGlobal('indexedDB', { open });
    onTestFinished(() => void vi.unstubAllGlobals());
    const gpu = await requestGpu({ device: stubDevice({ adapterInfo: CARD }).device });
    expect(gpu.tuningCache.isTuning).toBe(true);
    const cache = new TuningCache(options(() => Promise.reject(new Error('full'))));
    cache.save();
    cache.save();
    await new Promise((resolve) => setTimeout(resolve, 1));
  });

  test.each([
    ['none', []],
    ['the environment', ['env']],
    ['all but writing', ['env', 'sys', 'read']],
  ])('is left alone in Deno with these permissions: %s', async (_which, granted: string[]) => {
    const asked: string[] = [];
    const ask = (what: string) => {
      if (!granted.includes(what)) asked.push(what);
    };
    const env = new Proxy({}, { get: () => ask('env') });
    const modules: Record<string, object> = {
      'node:path': { join: (...parts: string[]) => parts.join('/') },
      'node:os': { homedir: () => (ask('sys'), '/home') },
      'node:fs/promises': { readFile: () => (ask('read'), Promise.resolve('{}')) },
    };
    vi.stubGlobal('process', { env, getBuiltinModule: (name: string) => modules[name] });
    const query = ({ name }: { name: string }) =>
      Promise.resolve({ state: granted.includes(name) ? 'granted' : 'prompt' });
    vi.stubGlobal('Deno', { permissions: { query } });
    const gpu = await requestGpu({ device: stubDevice({ adapterInfo: CARD }).device });
    vi.unstubAllGlobals();
    expect(gpu.tuningCache.isTuning).toBe(true);
    expect(asked).toEqual([]);
  });
});
