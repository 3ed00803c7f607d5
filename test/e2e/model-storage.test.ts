import type { Page } from 'puppeteer';
import { expect, onTestFinished, test } from 'vitest';
import { browseBuild } from './browse-build.ts';

// Every 16th byte of a file is the number of its write, so that a file of two writes would show. The others are random, since
// browsers compress what they keep.
const page = `<!doctype html>
<link rel="icon" href="data:,">
<script type="module">
  import { indexedDbStorage, opfsStorage } from './lstm-webgpu-formats.js';

  const places = { indexedDb: indexedDbStorage, opfs: opfsStorage };
  globalThis.write = (kind, name, value, size) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    for (let at = 0; at < size; at += 16) bytes[at] = value;
    return places[kind](name).write(new File([bytes], name));
  };
  globalThis.remove = (kind, name) => places[kind](name).delete();
  globalThis.read = async (kind, name) => {
    const file = await places[kind](name).read();
    if (!file) return 'nothing';
    const bytes = new Uint8Array(await file.arrayBuffer());
    return { name: file.name, size: bytes.length, values: [...new Set(bytes.filter((_, at) => at % 16 === 0))] };
  };
  globalThis.stored = {
    indexedDb: async () => {
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open('lstm-webgpu');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const request = database.transaction('files').objectStore('files').getAllKeys();
      await new Promise((resolve) => (request.onsuccess = resolve));
      database.close();
      return request.result;
    },
    opfs: async () => (await Array.fromAsync((await navigator.storage.getDirectory()).keys())).sort(),
  };
</script>`;

const built = browseBuild({ 'index.html': page });

const KINDS = ['indexedDb', 'opfs'] as const;
type Kind = (typeof KINDS)[number];

const MIB = 2 ** 20;
/** More than the quotas of these tests leave room for. */
const LARGE = 12 * MIB;

/** A tab of its own in a browser that keeps what it is given as long as the test runs. */
async function openTab(url = built.url): Promise<Page> {
  const tab = await built.browser.newPage();
  onTestFinished(() => tab.close());
  tab.on('pageerror', (error) => expect.unreachable(String(error)));
  await tab.goto(url);
  await tab.waitForFunction(() => 'stored' in globalThis);
  return tab;
}

const call = (tab: Page, name: string, ...given: unknown[]): Promise<unknown> =>
  tab.evaluate(`${name}(${given.map((each) => JSON.stringify(each)).join(', ')})`);
const whole = (name: string, value: number, size: number) => ({ name, size, values: [value] });

async function reload(tab: Page): Promise<void> {
  await tab.reload();
  await tab.waitForFunction(() => 'stored' in globalThis);
}

test.each(KINDS)('%s: a file is there after a reload and in another tab, until it is deleted', async (kind) => {
  const [tab, other] = [await openTab(), await openTab()];
  await call(tab, 'write', kind, 'a.keras', 7, MIB);
  await call(tab, 'write', kind, 'b.keras', 8, 3);
  await reload(tab);
  expect(await call(tab, 'read', kind, 'a.keras')).toEqual(whole('a.keras', 7, MIB));
  expect(await call(other, 'read', kind, 'b.keras')).toEqual(whole('b.keras', 8, 3));
  expect(await call(other, `stored.${kind}`)).toEqual(['a.keras', 'b.keras']);

  await call(other, 'remove', kind, 'a.keras');
  await call(other, 'remove', kind, 'never written');
  expect(await call(tab, 'read', kind, 'a.keras')).toBe('nothing');
  expect(await call(tab, `stored.${kind}`)).toEqual(['b.keras']);
  await call(tab, 'remove', kind, 'b.keras');
  expect(await call(other, `stored.${kind}`)).toEqual([]);
});

test.each(KINDS)('%s: a write beyond the quota is refused, and leaves the file before it', async (kind) => {
  // Chrome asks for the room of an origin every 30 seconds, so this one is not that of the other tests.
  const url = built.url.replace('127.0.0.1', 'localhost');
  const tab = await openTab(url);
  const session = await tab.createCDPSession();
  const { origin } = new URL(url);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4 * MIB });
  await call(tab, 'write', kind, 'full.keras', 1, MIB);
  await expect(call(tab, 'write', kind, 'full.keras', 2, LARGE)).rejects.toThrow(
    /(indexedDb|opfs)Storage\("full\.keras"\): the browser refuses: /,
  );
  expect(await call(tab, 'read', kind, 'full.keras')).toEqual(whole('full.keras', 1, MIB));
  await expect(call(tab, 'write', kind, 'new.keras', 2, LARGE)).rejects.toThrow('the browser refuses: ');
  expect(await call(tab, 'read', kind, 'new.keras')).toBe('nothing');

  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await call(tab, 'write', kind, 'full.keras', 3, LARGE);
  expect(await call(tab, 'read', kind, 'full.keras')).toEqual(whole('full.keras', 3, LARGE));
  for (const name of ['full.keras', 'new.keras']) await call(tab, 'remove', kind, name);
});

/** Lets a write come to where all bytes are given to the browser, and no further. */
const STOP: Record<Kind, string> = {
  // A transaction in which there is always one more request never ends.
  indexedDb: `
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...given) {
      const request = put.apply(this, given);
      request.onsuccess = () => (globalThis.isGiven = true);
      const goOn = () => (this.get('none').onsuccess = goOn);
      goOn();
      return request;
    };`,
  opfs: `
    FileSystemWritableFileStream.prototype.close = () => {
      globalThis.isGiven = true;
      return new Promise(() => {});
    };`,
};

test.each(KINDS)('%s: a write that the end of its page interrupts leaves the file before it', async (kind) => {
  const [tab, other] = [await openTab(), await openTab()];
  await call(tab, 'write', kind, 'kept.keras', 1, MIB);
  await tab.evaluate(STOP[kind]);
  for (const name of ['kept.keras', 'new.keras']) {
    await tab.evaluate(`isGiven = false; write('${kind}', '${name}', 2, ${MIB}); 0`);
    await tab.waitForFunction('isGiven');
    await reload(tab);
    await tab.evaluate(STOP[kind]);
  }
  expect(await call(other, 'read', kind, 'kept.keras')).toEqual(whole('kept.keras', 1, MIB));
  expect(await call(other, 'read', kind, 'new.keras')).toBe('nothing');
  await call(other, 'write', kind, 'kept.keras', 3, 2 * MIB);
  expect(await call(other, 'read', kind, 'kept.keras')).toEqual(whole('kept.keras', 3, 2 * MIB));
  for (const name of ['kept.keras', 'new.keras']) await call(other, 'remove', kind, name);
});

test.each(KINDS)('%s: files that two tabs write at once are whole whenever they are read', async (kind) => {
  const tabs = [await openTab(), await openTab()];
  const sizes = [MIB, 2 * MIB, 3 * MIB];
  await call(tabs[0], 'write', kind, 'shared.keras', 0, sizes[0]);
  const seen: unknown[] = [];
  for (let round = 0; round < 5; round++) {
    const values = sizes.map((_, n) => 3 * round + n);
    // Two writes of one tab, one of the other, and a reader in each.
    await Promise.all([
      ...values.map((value, n) => call(tabs[n % 2], 'write', kind, 'shared.keras', value, sizes[n])),
      ...tabs.map(async (tab) => seen.push(await call(tab, 'read', kind, 'shared.keras'))),
    ]);
    const last = await call(tabs[0], 'read', kind, 'shared.keras');
    expect(values.map((value, n) => whole('shared.keras', value, sizes[n]))).toContainEqual(last);
    expect(await call(tabs[1], 'read', kind, 'shared.keras')).toEqual(last);
  }
  const written = Array.from({ length: 15 }, (_, n) => whole('shared.keras', n, sizes[n % 3]));
  expect(seen).toHaveLength(10);
  for (const file of seen) expect(written).toContainEqual(file);
  await call(tabs[0], 'remove', kind, 'shared.keras');
});
