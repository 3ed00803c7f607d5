import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { winnerMemory } from '../../src/runtime/winner-memory.ts';

async function memories() {
  const caches = mkdtempSync(join(tmpdir(), 'winners-'));
  vi.stubEnv('XDG_CACHE_HOME', caches);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(caches, { recursive: true });
  });
  const folder = join(caches, 'lstm-webgpu');
  return { one: (await winnerMemory())!, other: (await winnerMemory())!, folder };
}

const winner = (name: string) => ({ name, pace: 1e6 });

test('a file of winners keeps those of other processes and other adapters', async () => {
  const { one, other, folder } = await memories();
  expect(await one.load('card')).toBeUndefined();
  await one.save('card', { product: winner('a'), loop: winner('a') });
  await other.save('card', { loop: winner('b') });
  await other.save('other card', { loop: winner('c') });
  expect(await one.load('card')).toEqual({ product: winner('a'), loop: winner('b') });
  expect(await one.load('other card')).toEqual({ loop: winner('c') });
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
  await (await winnerMemory())!.save('card', { loop: winner('a') });
  expect(readdirSync(join(home, '.cache', 'lstm-webgpu'))).toHaveLength(1);
});

test.each(['', '[]', 'null', '{"card": 5}', '{"card": ["a"]}', 'no JSON'])(
  'a file that holds %j counts as empty, and is written anew',
  async (text) => {
    const { one, folder } = await memories();
    await one.save('card', { loop: winner('a') });
    writeFileSync(join(folder, readdirSync(folder)[0]), text);
    await one.save('card', { product: winner('b') });
    expect(await one.load('card')).toEqual({ product: winner('b') });
  },
);
