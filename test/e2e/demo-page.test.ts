import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Result } from '../../demo/experiments/index.ts';
import { figure } from '../../demo/experiments/words.ts';
import { bestWithoutMemory } from '../../demo/experiments/best-without-memory.ts';
import { openDemoPages } from './demo-pages.ts';
import { measurePage } from './measure-page.ts';

const demo = openDemoPages();

const text = (selector: string) => demo.page.$eval(selector, (element) => element.textContent);
const hasVerdict = (id: string) =>
  demo.page.waitForFunction((id) => document.querySelector(`#post-${id} .verdict`)!.textContent, {}, id);

/** Opens the page once it knows whether it can train. */
async function open(hash = ''): Promise<void> {
  await demo.page.goto(demo.url + hash);
  await demo.page.locator('#post .run-all:enabled').wait();
}

/** The rows of the table beside the charts, by the names of the runs. */
async function table(): Promise<Map<string, string[]>> {
  await demo.page.locator('#post .table-twin summary').click();
  await demo.page.locator('#post .table-twin tbody tr').wait();
  const rows = await demo.page.$$eval('#post .table-twin tbody tr', (rows) =>
    rows.map((row) => [...row.cells].map((cell) => cell.textContent)),
  );
  return new Map(rows.map(([name, ...cells]) => [name, cells]));
}

/** How many pixels of a chart have a colour of the style sheet. */
const pixelsOf = (chart: string, color: string) =>
  demo.page.$eval(
    `${chart} canvas`,
    (element, color) => {
      const chart = element as HTMLCanvasElement;
      // A copy, since the browser warns of pages that read what they draw.
      const context = new OffscreenCanvas(chart.width, chart.height).getContext('2d', { willReadFrequently: true })!;
      context.drawImage(chart, 0, 0);
      context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(color).trim();
      const [red, green, blue] = String(context.fillStyle)
        .match(/\w\w/g)!
        .map((digits) => parseInt(digits, 16));
      const { data } = context.getImageData(0, 0, chart.width, chart.height);
      return data.filter((_, at) => at % 4 === 0 && data[at] === red && data[at + 1] === green && data[at + 2] === blue)
        .length;
    },
    color,
  );

test('runs an experiment and shows what the command finds, within what can be proved', async () => {
  const json = join(tmpdir(), `demo-page-${process.pid}.json`);
  const only = 'stateless-full,stateless-elements';
  const args = ['--import', 'tsx', 'headless/experiments.ts', '--only', only, '--epochs', '1', '--seed', '3'];
  await promisify(execFile)(process.execPath, [...args, '--json', json]);
  const [full, elements] = JSON.parse(await readFile(json, 'utf8')) as Result[];
  await rm(json);

  await open('#post=3.1');
  for (const id of ['stateless-full', 'stateless-elements']) {
    await demo.page.locator(`#post-${id} button`).click();
    await hasVerdict(id);
    expect(await demo.page.$$eval(`#post-${id} canvas`, (canvases) => canvases.length)).toBe(1);
  }
  const rows = await table();
  const figuresOf = ({ epochs: [{ loss, accuracy, testLoss, testAccuracy }] }: Result) =>
    [loss, accuracy, testLoss, testAccuracy].map(figure);
  expect(rows.get('Stateless, whole sequences')!.slice(0, 4)).toEqual(figuresOf(full));
  expect(rows.get('Stateless, one element at a time')!.slice(0, 4)).toEqual(figuresOf(elements));
  expect(rows.get('Stateless, whole sequences')![6]).toBe(full.sentence);
  const best = bestWithoutMemory(20);
  const [, , testLoss, testAccuracy] = rows.get('Stateless, one element at a time')!.map(Number);
  expect(testAccuracy).toBeLessThanOrEqual(best.accuracy + 1e-9);
  expect(testLoss).toBeGreaterThan(best.loss - 1e-4);
});

test('stops a long run at once from the keyboard, keeps what is done, and can run again', async () => {
  await open();
  await demo.page.focus('#post-stateful-windows button');
  await demo.page.keyboard.press('Enter');
  // The first report tells no remaining time, since kernels compile before it.
  const told = await demo.page.waitForFunction(() => {
    const { textContent } = document.querySelector('#post .bar .words')!;
    return textContent!.endsWith(' left') && textContent;
  });
  expect(await told.jsonValue()).toMatch(/^epoch \d+ of 15 · .* left$/);
  expect(await text('#post .bar .what')).toBe('Stateful, windows, with the settings of 2016, no resets');

  // Another number of epochs would clear the curve that is being drawn.
  expect(await demo.page.$$eval('#post .settings input', (inputs) => inputs.every(({ disabled }) => disabled))).toBe(
    true,
  );

  const pressed = performance.now();
  // The focus went from the button that was pressed to the one that stops.
  await demo.page.keyboard.press('Enter');
  await hasVerdict('stateful-windows');
  // A second is what a person waits without wondering; the rest is for a slow machine.
  expect(performance.now() - pressed).toBeLessThan(5000);
  expect(await text('#post-stateful-windows .verdict')).toMatch(/Too early to tell: stopped after \d+ epochs?\./);
  await demo.page.waitForFunction(() => document.querySelector<HTMLElement>('#post .bar')!.hidden);
  expect(await demo.page.evaluate(() => document.activeElement!.ariaLabel)).toBe(
    'Run: Stateful, windows, with the settings of 2016, no resets',
  );

  await demo.page.locator('#post-windows button').click();
  await hasVerdict('windows');
  expect(await text('#post-windows .verdict')).toContain('nothing is lost.');
});

test('runs all with one bar that stays in view, while the page answers and stands still, and every run gets a sentence', async () => {
  await open('#post=19.1');
  await demo.page.$eval('#post .cards', (cards) => cards.scrollIntoView());
  const measured = await measurePage(demo.page);
  await demo.page.$eval('#post .run-all', (button) => (button as HTMLButtonElement).click());
  await demo.page.waitForFunction(() =>
    document.querySelector('#post .bar .what')!.textContent!.startsWith('4 of 10: '),
  );
  const bar = (await (await demo.page.$('#post .bar'))!.boundingBox())!;
  const height = await demo.page.evaluate(() => innerHeight);
  expect(Math.round(bar.y + bar.height)).toBe(height);
  await demo.page.waitForFunction(() => document.querySelector<HTMLElement>('#post .bar')!.hidden);

  const { longestTask, layoutShift } = await measured.end();
  expect(longestTask).toBeLessThan(50);
  expect(layoutShift).toBeLessThan(0.01);
  const verdicts = await demo.page.$$eval('#post .verdict', (verdicts) =>
    verdicts.map(({ textContent }) => textContent),
  );
  expect(verdicts).toHaveLength(10);
  for (const verdict of verdicts) expect(verdict).toMatch(/^[✓○] .*\./);
});

test('takes seed and epochs from the form into the address, and refuses what is no number of epochs', async () => {
  await open();
  await demo.page.locator('#post .settings summary').click();
  await demo.page.locator('#post .settings label:last-child input').fill('1');
  await demo.page.keyboard.press('Tab');
  await demo.page.waitForFunction(() => location.hash === '#post=19.1');
  await demo.page.locator('#post .settings label:last-child input').fill('-1');
  await demo.page.keyboard.press('Tab');
  expect(await demo.page.$eval('#post .settings label:last-child input', (input) => input.matches(':invalid'))).toBe(
    true,
  );
  expect(await demo.page.evaluate(() => location.hash)).toBe('#post=19.1');
});

test.each([
  [
    'has no WebGPU',
    () => delete (Navigator.prototype as { gpu?: GPU }).gpu,
    /does not offer WebGPU.*enable-unsafe-webgpu.*recorded on \d+ \w+ 20\d\d, on .* with seed 19/s,
  ],
  [
    'has no adapter',
    () => void (GPU.prototype.requestAdapter = () => Promise.resolve(null)),
    /offers no GPU.*enable-vulkan.*recorded on/s,
  ],
])('in a browser that %s recordings play, and nothing asks to be run', async (_what, spoil, message) => {
  await demo.page.evaluateOnNewDocument(spoil);
  await demo.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await open();
  expect(await text('#post .strip')).toMatch(message);
  const buttons = await demo.page.$$eval('#post button', (buttons) =>
    buttons
      .filter((button) => button.checkVisibility())
      .map(({ textContent, disabled }) => `${textContent} ${disabled}`),
  );
  expect(new Set(buttons)).toEqual(new Set(['Play all recordings false', 'Play recording false']));

  await demo.page.locator('#post .run-all').click();
  await demo.page.waitForFunction(() =>
    [...document.querySelectorAll('#post .verdict')].every(({ textContent }) => textContent !== ''),
  );
  expect(await text('#post-stateless-windows .verdict')).toMatch(
    /^✓ 0\.5455: as good as any network can be here\.Recorded: 15 epochs in/,
  );
  expect(await pixelsOf('#post-stateless-windows', '--a')).toBeGreaterThan(100);
  expect(await pixelsOf('#post-stateless-windows', '--c')).toBe(0);
  await demo.page.waitForFunction(() => document.querySelector<HTMLElement>('#post .bar')!.hidden);
});

test('fits a phone: nothing but tables scrolls sideways', async () => {
  await demo.page.setViewport({ width: 360, height: 740 });
  await open();
  await demo.page.locator('#post-validation-states button').click();
  await hasVerdict('validation-states');
  expect(await demo.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});
