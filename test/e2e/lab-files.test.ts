import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { ElementHandle } from 'puppeteer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FORMATS } from '../../demo/lab/formats.ts';
import recorded from '../golden/files/keras_fixtures.json';
import { browseBuild } from './browse-build.ts';
import { openDemoPages, type DemoPages } from './demo-pages.ts';
import { keepScreenshot } from './keep-screenshot.ts';

const FIXTURES = join(import.meta.dirname, '../golden/files');

const built = browseBuild({ 'index.html': '<!doctype html><link rel="icon" href="data:," />' });
const demo = openDemoPages(built, "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
const strict = openDemoPages(built);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open({ page, url }: DemoPages = demo, hash = ''): Promise<void> {
  await page.goto(`${url}lab.html${hash}`);
  await page.waitForSelector('#import[data-mounted]');
  await page.waitForSelector('#export[data-mounted]');
}

/** Chooses files, as a reader would, and waits until they are opened or refused. */
async function give(paths: readonly string[], { page }: DemoPages = demo): Promise<void> {
  const chooser = (await page.$('[name=model-files]')) as ElementHandle<HTMLInputElement>;
  await chooser.uploadFile(...paths);
  await finished('#import .run', page);
}

/** Waits until something that has been started is over. */
const finished = (control: string, page = demo.page) =>
  page.waitForFunction((control) => !document.querySelector(`${control} .stop`)!.checkVisibility(), {}, control);

const fixture = (name: string): string => join(FIXTURES, name);
const errorText = () => demo.text('#import .run .error');
const outputs = () => demo.page.$$eval('#import .outputs td', (cells) => cells.map(({ textContent }) => textContent));

/** Writes batches that were recorded as the list that the page takes. */
async function samplesOf(x: readonly number[], y: readonly number[]): Promise<string> {
  const path = join(folder, 'samples.json');
  await writeFile(path, JSON.stringify(x.map((value, batch) => ({ x: [value], y: [y[batch]] }))));
  return path;
}

const stateful = recorded.files['keras3_post_model.{keras,h5,weights.h5}'].predict_on_batch_sequence;

test.each([
  [['keras3_post_model.keras'], 'Keras 3.', 'units: 10', '491'],
  [['keras3_deep.h5'], 'Keras, in its older form.', 'layer: lstm (returnSequences: true, units: 3)', '572'],
  [
    ['tfjs_float32.model.json', 'tfjs_float32.group1-shard1of2.bin', 'tfjs_float32.group1-shard2of2.bin'],
    'TensorFlow.js, a layers model.',
    'units: 10',
    '491',
  ],
  [['bidir_i4_h3_b2_t6.onnx'], 'ONNX, a graph of operators.', 'mergeMode: concat', '192'],
])('%j is recognized, shown in a table, and run on random numbers', async (names, kind, option, parameters) => {
  await open();
  await give(names.map(fixture));
  expect(await errorText()).toBe('');
  expect(await demo.text('#import .what')).toContain(`${names[0]} is of ${kind}`);
  const table = await demo.text('#import .structure');
  expect(table).toContain(option);
  expect(table.endsWith(parameters)).toBe(true);
  expect(await demo.text('#import .came')).toMatch(/^\d+ outputs?(:|, from) /);
  const values = await outputs();
  expect(values.length).toBeGreaterThan(0);
  expect(values.map(Number).filter(Number.isNaN)).toEqual([]);
});

test('recorded outputs are compared, beside the files or alone, and wrong ones are told', async () => {
  await open();
  const [x, y] = [stateful.x.data, stateful.p];
  await give([fixture('keras3_post_model.keras'), await samplesOf(x, y)]);
  const right = new RegExp(`^✓ ${x.length} outputs recorded in samples.json: the network gives them (within|with) `);
  expect(await demo.text('#import .verdict')).toMatch(right);
  await give([await samplesOf(x, [...y.slice(0, -1), 0.75])]);
  expect(await demo.text('#import .verdict')).toContain(`at output 1 of batch ${x.length}, the worst of ${x.length}`);
  expect(await demo.page.$eval('#import .verdict', (verdict) => verdict.hasAttribute('data-problem'))).toBe(true);
});

test('weights alone go into the network that is open, and are refused with words where there is none', async () => {
  await open();
  await give([fixture('keras3_post_model.weights.h5')]);
  expect(await errorText()).toContain('gives weights alone, which need an open network of the same layers.');
  expect(await demo.isVisible('#import .opened')).toBe(false);

  const names = ['model.json', 'group1-shard1of2.bin', 'group1-shard2of2.bin'];
  await give(names.map((name) => fixture(`tfjs_float32.${name}`)));
  await give([fixture('keras3_post_model.weights.h5'), await samplesOf(stateful.x.data, stateful.p)]);
  expect(await demo.text('#import .what')).toContain('has the weights of keras3_post_model.weights.h5 now.');
  expect(await demo.text('#import .verdict')).toMatch(/^✓/);
  const before = await outputs();

  await give([fixture('torch_program.safetensors')]);
  expect(await errorText()).toContain('a state_dict holds weights alone, here of');
  await demo.page.locator('#import [data-run=weights]').click();
  await demo.waitForText('#import .what', 'has the weights of torch_program.safetensors now.');
  await finished('#import .run');
  expect(await outputs()).not.toEqual(before);
});

test('a file that is not understood is refused with the place in it, in an alert, and the network before it stays', async () => {
  await open();
  await give([fixture('keras3_post_model.keras')]);
  const before = await outputs();
  await give([fixture('keras3_func.keras')]);
  expect(await errorText()).toContain('loadModel: keras3_func.keras: config.json.config.output_layers is ');
  expect(await demo.page.$eval('#import .run .error', (error) => error.role)).toBe('alert');
  const broken = join(folder, 'broken.onnx');
  await writeFile(broken, (await readFile(fixture('post_i1_h10_b1_t20.onnx'))).subarray(0, 500));
  await give([broken]);
  expect(await errorText()).toContain('loadModel: broken.onnx: ');
  await demo.page.locator('#import [data-run=predict]').click();
  await finished('#import .predict');
  expect(await outputs()).toEqual(before);
});

test('numbers are typed, wrong ones are told, and a run is stopped', async () => {
  await open();
  await give([fixture('post_i1_h10_b1_t20.onnx')]);
  expect(await demo.text('#import .takes')).toBe('Numbers to predict from, 20 for each sample');
  const type = (value: string) => demo.page.locator('[name=inputs]').fill(value);
  await type('1 2 x');
  expect(await demo.text('#import .inputs-problem')).toBe('“x” is no number.');
  expect(await demo.isDisabled('#import [data-run=predict]')).toBe(true);
  await type('1 2 3');
  expect(await demo.text('#import .inputs-problem')).toBe('A sample of this network has 20 numbers, and there are 3.');
  await type(Array.from({ length: 40 }, (_, n) => (n % 20 === 0 ? 1 : 0)).join(', '));
  await demo.page.locator('#import [data-run=predict]').click();
  await demo.waitForText('#import .came', /^400 outputs/);
  const values = await outputs();
  expect(values.slice(0, 200)).toEqual(values.slice(200));
  const words = await demo.page.evaluate(() => {
    document.querySelector<HTMLButtonElement>('#import [data-run=open]')!.click();
    document.querySelector<HTMLButtonElement>('#import .run .stop')!.click();
    return document.querySelector('#import .run .words')!.textContent;
  });
  expect(words).toBe('Stopping …');
  await demo.waitForText('#import .run .words', 'Stopped.');
});

test('without permission for WebAssembly the error says which word the policy lacks, and other formats open', async () => {
  strict.expectComplaints(/WebAssembly|wasm|Aborted/);
  await open(strict);
  await give([fixture('keras3_post_model.keras')], strict);
  expect(await strict.text('#import .run .error')).toMatch(/its script-src needs 'wasm-unsafe-eval'\.$/);
  await give([fixture('one_step_i1_h1_b1_t1.onnx')], strict);
  expect(await strict.text('#import .came')).toMatch(/^1 output: /);
});

/** Picks what is to be saved, and gives back the paths of the files that come. */
async function save(model: string, format: string): Promise<string[]> {
  const target = join(folder, `${model}-${format}`);
  await mkdir(target);
  const session = await demo.page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: target });
  await demo.page.select('[name=model]', model);
  await demo.page.$eval(`#export input[value=${format}]`, (input) => (input as HTMLInputElement).click());
  await demo.page.locator('#export [data-run=save]').click();
  await demo.page.waitForSelector('#export .saved a');
  const names = await demo.page.$$eval('#export .saved a', (links) => links.map(({ textContent }) => textContent));
  await expect.poll(async () => (await readdir(target)).toSorted(), { timeout: 20_000 }).toEqual(names.toSorted());
  return names.map((name) => join(target, name));
}

test('what was trained or opened is saved in every format, and what is opened again predicts the same', async () => {
  demo.expectComplaints(/^asks for blob:/);
  await open(demo, '#numbers=stateless.12.8.2.24');
  expect(await demo.isDisabled('#export [data-run=save]')).toBe(true);
  await demo.page.locator('#numbers .start').click();
  await demo.waitForText('#numbers .verdict', /./);
  expect(await demo.text('#export .note')).toMatch(/each value less \d+\.\d+, divided by \d+\.\d+;/);
  await give(await save('forecast', 'keras'));
  expect(await demo.text('#import .what')).toMatch(
    /^forecast\.keras is of Keras 3\..* adam and meanSquaredError: \d+ up/,
  );
  const before = await outputs();
  expect(before).toHaveLength(1);
  for (const format of ['h5', 'tfjs', 'safetensors', 'onnx', 'weights']) {
    await give(await save('imported', format));
    expect([format, await errorText(), await outputs()]).toEqual([format, '', before]);
    expect(await demo.text('#import .what')).toContain(
      format === 'weights' ? 'has the weights of' : FORMATS[format as 'h5'].of,
    );
  }
});

test('a format says in its own words what it cannot hold', async () => {
  await open();
  await give([fixture('keras3_deep.keras')]);
  await demo.page.$eval('#export input[value=onnx]', (input) => (input as HTMLInputElement).click());
  expect(await demo.text('#export .holds')).toBe(FORMATS.onnx.holds);
  await demo.page.locator('#export [data-run=save]').click();
  await demo.waitForText('#export .run .error', 'layer "masking" has the type masking, and a graph has no masks');
  // It is not said of another format.
  await demo.page.$eval('#export input[value=keras]', (input) => (input as HTMLInputElement).click());
  expect(await demo.text('#export .run .error')).toBe('');
});

test('the program that is shown opens the files and predicts the same', async () => {
  await open();
  const files = ['tfjs_float32.model.json', 'tfjs_float32.group1-shard1of2.bin', 'tfjs_float32.group1-shard2of2.bin'];
  await give(files.map(fixture));
  await demo.page.$eval('#import .program', (details) => ((details as HTMLDetailsElement).open = true));
  await demo.waitForText('#import .program code', /import/);
  await writeFile(join(built.folder, 'program.js'), await demo.text('#import .program code'));
  for (const file of files) await writeFile(join(built.folder, file), await readFile(fixture(file)));
  const tab = await built.browser.newPage();
  const written: string[] = [];
  tab.on('console', (message) => written.push(message.text()));
  await tab.goto(built.url);
  await tab.evaluate(`import('./program.js').then(() => {})`);
  await tab.close();
  const [, last] = /1 outputs, the last of them (\S+)$/.exec(written.join('\n'))!;
  expect(String(Number(Number(last).toPrecision(6)))).toBe((await outputs())[0]);
});

test('axe finds nothing with a model open, in light and in dark, and all of it fits a phone', async () => {
  const { page } = demo;
  await open();
  await give([fixture('keras3_deep.keras')]);
  await page.$$eval('#import details, #export details', (all) => all.forEach((one) => (one.open = true)));
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await keepScreenshot(page, `lab-import-${scheme}`, '#import');
    await keepScreenshot(page, `lab-export-${scheme}`, '#export');
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
  }
  await page.setViewport({ width: 360, height: 740 });
  await page.waitForFunction(() => document.documentElement.scrollWidth === 360);
  await keepScreenshot(page, 'lab-import-phone', '#import');
  await keepScreenshot(page, 'lab-export-phone', '#export');
});
