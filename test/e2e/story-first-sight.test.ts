import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openDemoPages } from './demo-pages.ts';
import { noteShiftsOf } from './measure-page.ts';

const demo = openDemoPages();

/** Bytes after gzip of the page with its style sheets, and of all code that runs before the first pictures are there. */
const MOST_BYTES = 25_000;

test('the first pictures come with few bytes', async () => {
  const zipped = new Map<string, number>();
  const load = async (path: string): Promise<void> => {
    if (zipped.has(path)) return;
    const text = await (await fetch(new URL(path, demo.url))).text();
    zipped.set(path, gzipSync(text).length);
    const needed = path.endsWith('.js')
      ? /(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g
      : /(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g;
    for (const [, file] of text.matchAll(needed)) await load(path.endsWith('.js') ? `assets/${file}` : file);
  };
  await load('index.html');
  const sizes = [...zipped.values()];
  expect(sizes.length).toBeGreaterThan(2);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(MOST_BYTES);
});

test.each([
  [1280, 900],
  [390, 844],
])('nothing moves while the page loads, %i pixels wide', async (width, height) => {
  const { page } = demo;
  await page.setViewport({ width, height });
  const shifts = await noteShiftsOf(page);
  await page.goto(demo.url);
  // The tape is written, and the pictures further down have come.
  await page.waitForFunction(() => document.querySelector('#tape .answers'));
  await page.waitForFunction(() => !document.querySelector('#tape .answers [visibility=hidden]'));
  expect(await shifts.sum()).toBeLessThan(0.01);
});
