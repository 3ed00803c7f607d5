import { expect, test } from 'vitest';
import { openDemoPages } from './demo-pages.ts';
import { measurePage } from './measure-page.ts';
import { DESKTOP, downloads, kilobytes, neededFirst, openStory, scrollThrough, watch } from './page-probe.ts';

const demo = openDemoPages();

const print = (words: string): void => void process.stdout.write(`  ${words}\n`);
const most = (numbers: Iterable<number>): number => Math.max(0, ...numbers);

test('loads 25 kB before the first paint, and 200 kB until all of the story has been read and a network trained', async () => {
  const { page } = demo;
  await page.setViewport(DESKTOP);
  const loaded = downloads(page);
  await openStory(demo);
  await scrollThrough(page);
  const read = await loaded.files();
  const worker = page.waitForResponse((response) => /\/worker-[^/]*\.js$/.test(response.url()));
  await page.locator('#window .training button.start').click();
  await worker;
  const first = neededFirst(demo.url, read);
  const trained = await loaded.files();
  print(
    `with gzip: ${kilobytes(first.values()).toFixed(1)} kB before the first paint, ` +
      `${kilobytes(read.values()).toFixed(1)} kB until all is read, ` +
      `${kilobytes(trained.values()).toFixed(1)} kB with the worker, which has the library and comes with the first training`,
  );
  // A page, its styles and its scripts; and the curves, which have come by then.
  expect(first.size).toBeGreaterThan(3);
  expect([...read.keys()].some((url) => url.includes('/plot-'))).toBe(true);
  expect(trained.size).toBeGreaterThan(read.size);
  expect(kilobytes(first.values())).toBeLessThanOrEqual(25);
  // A little more than was measured. The aim is 150.
  expect(kilobytes(trained.values())).toBeLessThanOrEqual(200);
});

test('while everything trains no task holds the page up, input is answered, nothing moves by itself, the bar stays in view, and every run gets a sentence', async () => {
  const { page } = demo;
  await page.setViewport(DESKTOP);
  await watch(page);
  const load = await measurePage(page);
  await openStory(demo, '#post=19.1');
  const loading = await load.end();
  const training = await measurePage(page);
  await page.$eval('#post .cards', (cards) => cards.scrollIntoView());
  // No click of a mouse: what moves within half a second after input does not count as moved by itself.
  await page.$eval('#post .run-all', (button) => (button as HTMLElement).click());
  await page.waitForFunction(() => document.querySelector('#post .bar .what')!.textContent!.startsWith('4 of 10: '));
  const bar = (await (await page.$('#post .bar'))!.boundingBox())!;
  expect(Math.round(bar.y + bar.height)).toBe(DESKTOP.height);

  await page.$eval('#tape', (section) => section.scrollIntoView());
  const { x, y, width, height } = (await (await page.$('#tape canvas'))!.boundingBox())!;
  let inputs = 0;
  for (let turn = 0; turn < 40; turn++) {
    const [right, down] = [((turn * 7) % 20) + 0.5, ((turn * 3) % 10) + 0.5];
    await page.mouse.click(x + (right / 20) * width, y + (down / 10) * height);
    await page.keyboard.press(turn % 2 ? 'ArrowLeft' : 'ArrowRight');
    // The mouse moves, and both the button and the key go down and up.
    inputs += 5;
    await new Promise((rested) => setTimeout(rested, 30));
  }
  expect(await page.$eval('#post .bar', (bar) => bar.checkVisibility())).toBe(true);
  const slow = await page.evaluate(() => [...window.watched.slowAnswers.values()]);
  await page.waitForFunction(() => document.querySelector<HTMLElement>('#post .bar')!.hidden);
  const { longestTask, slowTasks, layoutShift } = await training.end();
  print(
    `the longest task works for ${loading.longestTask.toFixed(0)} ms while the page loads, ${longestTask.toFixed(0)} ms while all trains`,
  );
  print(`${slowTasks} tasks take more than 50 ms while all trains, with what the processor does in between`);
  print(`${slow.length} of ${inputs} inputs are answered after more than 100 ms, the last after ${most(slow)} ms`);
  print(
    `layout shift ${loading.layoutShift.toFixed(4)} while the page loads, ${layoutShift.toFixed(4)} while all trains`,
  );
  expect.soft(longestTask).toBeLessThan(50);
  // Code that is new is compiled while the page loads, which takes longer the more other work the processor has.
  expect.soft(loading.longestTask).toBeLessThan(100);
  // The software GPU and other tests take the same cores, and may take them from the page at any moment.
  expect.soft(slow.length).toBeLessThan(inputs / 10);
  expect.soft(loading.layoutShift + layoutShift).toBeLessThan(0.01);

  const verdicts = await page.$$eval('#post .verdict', (verdicts) => verdicts.map(({ textContent }) => textContent));
  expect(verdicts).toHaveLength(10);
  for (const verdict of verdicts) expect(verdict).toMatch(/^[✓○] .*\./);
});

test('a picture is redrawn in a few milliseconds', async () => {
  const { page } = demo;
  await page.setViewport(DESKTOP);
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await openStory(demo);
  await scrollThrough(page);
  const controls = {
    tape: '#tape input[type=range]',
    window: '#window .length',
    'hand-overs': '#hand-overs .choice:first-of-type input',
    seeds: '#seeds input[type=range]',
    clock: '#clock input[type=range]',
    questions: '#questions input[value=y]',
  };
  const times: Record<string, number> = {};
  for (const [picture, control] of Object.entries(controls)) {
    times[picture] = await page.evaluate(
      async (control, picture) => {
        const inputs = [...document.querySelectorAll<HTMLInputElement>(control)];
        const section = document.getElementById(picture)!;
        const redraws: number[] = [];
        for (let turn = 0; turn < 50; turn++) {
          const input = inputs[turn % inputs.length];
          const began = performance.now();
          if (input.type === 'range') {
            input.value = String(Number(input.min) + (turn % (Number(input.max) - Number(input.min) + 1)));
            input.dispatchEvent(new Event('input', { bubbles: true }));
          } else {
            input.click();
          }
          // The layout is part of it.
          section.getBoundingClientRect();
          redraws.push(performance.now() - began);
          await new Promise((rested) => setTimeout(rested, 5));
        }
        return redraws.sort((a, b) => a - b)[25];
      },
      control,
      picture,
    );
  }
  print(
    `redraws, the median of 50: ${Object.entries(times)
      .map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`)
      .join(', ')}`,
  );
  // At most 3.2 ms, also beside other tests; more than the goal of 4, since those take the same cores.
  expect(most(Object.values(times))).toBeLessThan(6);
});
