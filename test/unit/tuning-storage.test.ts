import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tuningStorage } from '../../src/runtime/autotune/tuning-storage.ts';

async function storages() {
  const caches = mkdtempSync(join(tmpdir(), 'tuning-'));
  vi.stubEnv('XDG_CACHE_HOME', caches);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(caches, { recursive: true });
  });
  const folder = join(caches, 'lstm-webgpu');
  return { one: (await tuningStorage())!, other: (await tuningStorage())!, folder };
}

const best = (name: string) => ({ name, throughput: 1e6, kernels: 'abc' });

test('a file of results keeps those of other processes and other adapters', async () => {
  const { one, other, folder } = await storages();
  expect(await one.load('card')).toBeUndefined();
  await one.save('card', { product: best('a'), loop: best('a') });
  await other.save('card', { loop: best('b') });
  await other.save('other card', { loop: best('c') });
  expect(await one.load('card')).toEqual({ product: best('a'), loop: best('b') });
  expect(await one.load('other card')).toEqual({ loop: best('c') });
  expect(readdirSync(folder)).toHaveLength(1);
});

test.each(['', 'caches'])('a cache folder %j that is not absolute counts as unset', async (folder) => {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
  vi.stubEnv('HOME', home);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });
  await (await tuningStorage())!.save('card', { loop: best('a') });
  expect(readdirSync(join(home, '.cache', 'lstm-webgpu'))).toHaveLength(1);
});

test.each(['', '[]', 'null', '{"card": 5}', '{"card": ["a"]}', 'no JSON'])(
  'a file that holds %j counts as empty, and is written anew',
  async (text) => {
    const { one, folder } = await storages();
    await one.save('card', { loop: best('a') });
    writeFileSync(join(folder, readdirSync(folder)[0]), text);
    await one.save('card', { product: best('b') });
    expect(await one.load('card')).toEqual({ product: best('b') });
  },
);
