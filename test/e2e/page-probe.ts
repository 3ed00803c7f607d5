import { gzipSync } from 'node:zlib';
import type { HTTPResponse, Page } from 'puppeteer';
import type { DemoPages } from './demo-pages.ts';

// Measures a page while a test plays with it, and reads it afterwards.

declare global {
  interface Window {
    /** Filled from before the first script of the page on, once it is watched. */
    watched: {
      /** How long the page took to show an answer to an input, in milliseconds, by the time of the input. Quick ones are left out. */
      slowAnswers: Map<number, number>;
      /** How many frames the page asked for, to draw in them. */
      frames: number;
    };
  }
}

export const DESKTOP = { width: 1280, height: 900 };

/** Opens the story and waits until all its pictures stand. */
export async function openStory(demo: DemoPages, address = '#window=10.1.s&questions=nyyn.100-20-1-4'): Promise<void> {
  await demo.page.goto(demo.url + address);
  await demo.page.locator('#post .run-all:enabled').wait();
  for (const part of [
    '#tape .answers',
    '#window .windows',
    '#hand-overs .gap',
    '#seeds .caption',
    '#clock .caption',
    '#questions .question',
  ])
    await demo.page.waitForSelector(part);
}

export async function openLab(demo: DemoPages): Promise<void> {
  await demo.page.goto(`${demo.url}lab.html`);
  await demo.page.waitForSelector('#numbers .forecast canvas');
}

/** Opens the page of the voice detector, and lets it hear a voice where it can, until that has spoken once. */
export async function openVoice(demo: DemoPages): Promise<void> {
  await demo.page.goto(`${demo.url}voice.html`);
  await demo.page.waitForSelector('html[data-asked]');
  if (!(await demo.isVisible('[data-run=sample]'))) return;
  await demo.page.locator('[data-run=sample]').click();
  // A stretch shows all that the page draws, and the rest of the voice would take seconds.
  await demo.page.waitForSelector('#voice .stretches li');
  await demo.page.locator('#voice .stop').click();
  await demo.waitForText('#voice .verdict', 'Real-time factor');
}

/** Lets the pages that are opened from now on note how long input waits, and what they draw by themselves. */
export async function watch(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(() => {
    const watched: Window['watched'] = (window.watched = { slowAnswers: new Map(), frames: 0 });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries())
        watched.slowAnswers.set(startTime, Math.max(duration, watched.slowAnswers.get(startTime) ?? 0));
    }).observe({ type: 'event', durationThreshold: 104 } as PerformanceObserverInit);
    const request = window.requestAnimationFrame;
    window.requestAnimationFrame = (act) => {
      watched.frames++;
      return request.call(window, act);
    };
  });
}

/** The files that a page loads from now on. */
export function downloads(page: Page): { files(): Promise<Map<string, Buffer>> } {
  const responses = new Map<string, HTTPResponse>();
  page.on('response', (response) => responses.set(response.url().replace(/#.*/, ''), response));
  return {
    async files() {
      const files = new Map<string, Buffer>();
      for (const [url, response] of responses) files.set(url, Buffer.from(await response.buffer()));
      return files;
    },
  };
}

/** The kilobytes that a host sends that compresses. */
export function kilobytes(files: Iterable<Buffer>): number {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(file, { level: 9 }).length;
  return bytes / 1000;
}

/** The files that must be there before anything is painted: the page, its styles, its script and what that imports. */
export function neededFirst(page: string, files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const needed = new Map<string, Buffer>();
  const add = (url: string, pattern: RegExp): void => {
    if (needed.has(url)) return;
    const file = files.get(url)!;
    needed.set(url, file);
    for (const [, address] of file.toString().matchAll(pattern)) {
      // An import between brackets is for later.
      add(new URL(address, url).href, /(?:import|from)\s*["'](\.[^"']+)["']/g);
    }
  };
  add(page, /<(?:script|link rel="stylesheet")[^>]* (?:src|href)="([^"]+)"/g);
  return needed;
}

/** All that a reader sees of the pictures: their texts, the values of their controls, their shapes and their pixels. */
export function sight(page: Page): Promise<Record<string, string>> {
  return page.$$eval('main > section', (sections) =>
    Object.fromEntries(
      sections.map((section) => {
        const controls = [...section.querySelectorAll('input')].map(({ value, checked }) => `${value} ${checked}`);
        const canvases = [...section.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL());
        const shapes = [...section.querySelectorAll('svg')].map(({ outerHTML }) => outerHTML);
        return [section.id, [section.innerText, ...controls, ...canvases, ...shapes].join('\n')];
      }),
    ),
  );
}

/** Draws all that waits until it is looked at. */
export async function scrollThrough(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const rest = (): Promise<void> => new Promise((rested) => setTimeout(rested, 60));
    for (let y = 0; y < document.documentElement.scrollHeight; y += 600) {
      scrollTo(0, y);
      await rest();
    }
    scrollTo(0, 0);
    await rest();
  });
  // The race is loaded by then, or soon, and stands once its chart is drawn.
  await page.waitForFunction(() => {
    const race = document.querySelector('#hand-overs .race');
    return !race || race.querySelector('.race-chart');
  });
}
