import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { build } from 'vite';
import { launchBrowser } from '../../headless/launch-browser.ts';
import { type FolderServer, serveFolder } from './serve-folder.ts';

let folder: string;
let server: FolderServer;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
  await build({ configFile: 'demo/vite.config.ts', logLevel: 'error', build: { outDir: folder } });
  // Not at the root of the site: all addresses in the built page must be relative.
  server = await serveFolder(folder, '/some/where/');
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  complaints = [];
  page = await browser.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  page.on('response', (response) => {
    if (!response.ok()) complaints.push(`${response.status()} ${response.url()}`);
  });
});

afterEach(async () => {
  await page.close();
  if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
});

const text = (selector: string) => page.$eval(selector, (element) => element.textContent);
const cell = (experiment: string, column: number) =>
  page.$$eval(
    '#results tbody tr',
    (rows, name, index) => rows.find((row) => row.cells[0].textContent.startsWith(name))!.cells[index].textContent,
    experiment,
    column,
  );

test('runs an experiment: progress, charts, and the result beside what the post printed', async () => {
  await page.goto(server.url);
  await page.locator('#validation-states .buttons button').click();
  await page.locator('#validation-states progress').wait();
  expect(await page.$eval('#stateless-full .buttons button', (button) => button.disabled)).toBe(true);
  await page.waitForFunction(() =>
    document.querySelector('#validation-states .status')!.textContent!.includes('Epoch'),
  );
  await page.waitForFunction(() => document.querySelector('#validation-states .verdict')!.textContent);

  expect(await text('#validation-states .verdict')).toMatch(/^pass: the same weights and states/);
  expect(await page.$$eval('#validation-states canvas', (canvases) => canvases.length)).toBe(2);
  expect(await cell('validation-states', 1)).toMatch(/^loss 0\.\d{4}\naccuracy 0\.\d{4}$/);
  expect(await cell('validation-states', 3)).toContain('not properly called');
  expect(await cell('validation-states', 5)).toMatch(/^pass/);
  expect(await page.$eval('#stateless-full .buttons button', (button) => button.disabled)).toBe(false);
});

test('stops a long run at once, keeps what is done, and can run again', async () => {
  await page.goto(server.url);
  // From the keyboard alone.
  await page.locator('#stateful-windows .buttons button:enabled').wait();
  await page.focus('#stateful-windows .buttons button');
  await page.keyboard.press('Enter');
  // The first report tells no remaining time, since kernels compile before it.
  const told = await page.waitForFunction(() => {
    const { textContent } = document.querySelector('#stateful-windows .status')!;
    return textContent!.endsWith(' left') && textContent;
  });
  expect(await told.jsonValue()).toMatch(/^Epoch \d+ of 15 .* left$/);

  const pressed = performance.now();
  // The focus went from the button that was pressed to the one that stops.
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#stateful-windows .verdict')!.textContent);
  // A second is what a person waits without wondering; the rest is for a slow machine.
  expect(performance.now() - pressed).toBeLessThan(5000);
  expect(await text('#stateful-windows .verdict')).toMatch(/^not judged: stopped after \d+ epochs?$/);
  expect(await page.$eval('#stateful-windows .stop', (button) => button.checkVisibility())).toBe(false);
  expect(await page.evaluate(() => document.activeElement!.textContent)).toMatch(/^Run with the settings of 2016/);

  await page.locator('#windows .buttons button').click();
  await page.waitForFunction(() => document.querySelector('#windows .verdict')!.textContent!.startsWith('pass'));
});

test('takes seed and epochs from the form, and refuses what is no number of epochs', async () => {
  await page.goto(server.url);
  await page.locator('input[name=epochs]').fill('1');
  await page.locator('#stateless-full .buttons button').click();
  await page.waitForFunction(() => document.querySelector('#stateless-full .verdict')!.textContent);
  expect(await text('#stateless-full .verdict')).toMatch(/^not judged: 1 epoch only/);

  await page.locator('input[name=epochs]').fill('-1');
  await page.locator('#windows .buttons button').click();
  expect(await page.$eval('input[name=epochs]', (input) => input.validity.valid)).toBe(false);
  expect(await text('#windows .verdict')).toBe('');
});

test.each([
  [
    'has no WebGPU',
    () => delete (Navigator.prototype as { gpu?: GPU }).gpu,
    /does not offer WebGPU.*Use a current Chrome/s,
  ],
  [
    'has no adapter',
    () => void (GPU.prototype.requestAdapter = () => Promise.resolve(null)),
    /no adapter.*Turn on hardware acceleration/s,
  ],
])('a browser that %s is told what is missing and what to do', async (_what, spoil, message) => {
  await page.evaluateOnNewDocument(spoil);
  await page.goto(server.url);
  await page.locator('#unsupported').wait();
  expect(await text('#unsupported')).toMatch(message);
  expect(
    await page.$$eval('#post button', (buttons) =>
      buttons.every((button) => button.disabled || !button.checkVisibility()),
    ),
  ).toBe(true);
});

test('fits a phone: nothing but the table scrolls sideways', async () => {
  await page.setViewport({ width: 360, height: 740 });
  await page.goto(server.url);
  await page.locator('#validation-states .buttons button').click();
  await page.waitForFunction(() => document.querySelector('#validation-states .verdict')!.textContent);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});
