import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openDemoPages } from './demo-pages.ts';

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
  await page.goto(demo.url);
  // The tape is written, and the pictures further down have come.
  await page.waitForFunction(() => document.querySelector('#tape .answers'));
  await page.waitForFunction(() => !document.querySelector('#tape .answers [visibility=hidden]'));
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          resolve(list.getEntries().reduce((sum, entry) => sum + (entry as unknown as { value: number }).value, 0));
        });
        observer.observe({ type: 'layout-shift', buffered: true });
        // Without any shift the observer is never called.
        setTimeout(() => resolve(0), 500);
      }),
  );
  expect(shift).toBeLessThan(0.01);
});

test('a redrawing of the tape takes a few milliseconds', async () => {
  const { page } = demo;
  await page.goto(demo.url);
  await page.locator('#tape input[type=range]:enabled').wait();
  const median = await page.$eval('#tape input[type=range]', (scrubber) => {
    const times = Array.from({ length: 51 }, (_, index) => {
      scrubber.value = String(index % 7);
      const began = performance.now();
      scrubber.dispatchEvent(new Event('input'));
      return performance.now() - began;
    });
    return times.sort((a, b) => a - b)[25];
  });
  // Measured 1.4 to 2 on two busy cores.
  expect(median).toBeLessThan(4);
});
