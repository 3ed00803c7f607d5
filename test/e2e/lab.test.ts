import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle } from 'puppeteer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browseBuild } from './browse-build.ts';
import { openDemoPages } from './demo-pages.ts';
import { noteShiftsOf } from './measure-page.ts';

// The library itself, for the programs that the lab writes, and the demo.page.
const built = browseBuild({ 'index.html': '<!doctype html><link rel="icon" href="data:," />' });
const demo = openDemoPages(built);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-'));
});
afterAll(() => rm(folder, { recursive: true }));

const open = (hash = '') => demo.page.goto(`${demo.url}lab.html${hash}`);
/** Puts a text where a reader would paste one. */
const paste = (selector: string, value: string) =>
  demo.page.$eval(
    selector,
    (element, value) => {
      const field = element as HTMLTextAreaElement;
      field.value = value;
      field.dispatchEvent(new Event('input'));
    },
    value,
  );

let programs = 0;
/** Runs the program that a part of the lab shows beside the built library, and gives back what it wrote. */
async function outputOf(part: string): Promise<string> {
  await demo.page.$eval(`${part} .program`, (details) => ((details as HTMLDetailsElement).open = true));
  await demo.waitForText(`${part} .program code`, /import/);
  const name = `program-${programs++}.js`;
  await writeFile(join(built.folder, name), await demo.text(`${part} .program code`));
  const tab = await built.browser.newPage();
  const written: string[] = [];
  tab.on('console', (message) => written.push(message.text()));
  await tab.goto(built.url);
  await tab.evaluate(`import('./${name}').then(() => {})`);
  await tab.close();
  return written.join('\n');
}

/** The first number behind some words. */
function numberAfter(words: string, sentence: string): number {
  const [, number] = new RegExp(`${words} (-?[\\d,]+(?:\\.\\d+)?(?:e[+-]?\\d+)?)`).exec(sentence) ?? [];
  expect(number).toBeDefined();
  return Number(number.replaceAll(',', ''));
}

test.each(['stateless', 'stateful'])(
  'forecasts the sample with a %s network, as the program does that it shows',
  async (memory) => {
    await open(`#numbers=${memory}.12.8.4.24`);
    await demo.page.locator('#numbers .start').click();
    await demo.waitForText('#numbers .verdict', /./);
    expect(await demo.text('#numbers .words')).toMatch(/^Trained 4 epochs in \d+\.\d s\.$/);
    expect(await demo.isVisible('#numbers .learning canvas')).toBe(true);

    const verdict = await demo.text('#numbers .verdict');
    expect(verdict).toMatch(/ better than | no worse\.|^Worse than /);
    const output = await outputOf('#numbers');
    // The page rounds to three digits.
    const found = numberAfter('network is off by', verdict);
    expect(Math.abs(numberAfter('network is off by', output) - found)).toBeLessThan(0.006 * found);
    const naive = numberAfter('naive forecast by', verdict);
    expect(Math.abs(numberAfter('naive forecast is off by', output) - naive)).toBeLessThan(0.006 * naive);

    // Nothing of it is left beside another series.
    await paste('#csv', '1\n2');
    expect(await demo.text('#numbers .run')).not.toContain('Trained');
    expect(await demo.isVisible('#numbers .learning')).toBe(false);
  },
);

test('stops a forecast with the keyboard, and shows what was learned by then', async () => {
  await open('#numbers=stateless.12.8.500.24');
  await demo.page.locator('#numbers .start:enabled').wait();
  await demo.page.focus('#numbers .start');
  await demo.page.keyboard.press('Enter');
  await demo.waitForText('#numbers .words', /^Epoch \d+ of 500: loss \d\.\d{4} · .* left$/);
  // The focus went from the button that was pressed to the one that stops.
  await demo.page.keyboard.press('Enter');
  await demo.waitForText('#numbers .words', /^Stopped after \d+ epochs? in /);
  expect(await demo.text('#numbers .verdict')).toMatch(/On the 201 values that it never saw/);
  expect(await demo.page.evaluate(() => document.activeElement!.textContent)).toBe('Forecast');
});

test('says where a text is no table of numbers, and takes it once the reader has said what commas are', async () => {
  await open();
  await paste('#csv', 'a;b\n1;2\n3;x');
  await demo.page.select('[name=column]', '1');
  expect(await demo.text('#numbers .summary')).toBe(
    'Line 3, column 2: “x” is no number. Mend them, or choose another column.',
  );
  expect(await demo.isDisabled('#numbers .start')).toBe(true);

  const lines = Array.from({ length: 100 }, (_, n) => `${n},${n % 7}`);
  await paste('#csv', lines.join('\n'));
  expect(await demo.text('#numbers .summary')).toContain('may be one number with a decimal comma, or two columns');
  await demo.page.select('[name=commas]', 'decimals');
  expect(await demo.text('#numbers .summary')).toContain('100 values in “column 1”, from 0 to 99.1.');
  expect(await demo.isDisabled('#numbers .start')).toBe(false);
});

test('shows whether the first line is names, which can be chosen, until another text comes', async () => {
  await open();
  const isHeader = () => demo.page.$eval('[name=header]', (box) => (box as HTMLInputElement).checked);
  expect(await isHeader()).toBe(true);
  const lines = Array.from({ length: 100 }, (_, n) => `${n % 7},${n % 5}`);
  await paste('#csv', ['2019,2020', ...lines].join('\n'));
  expect(await isHeader()).toBe(false);
  await demo.page.select('[name=commas]', 'separators');
  expect(await demo.text('#numbers .summary')).toContain('101 values in “column 1”, from 0 to 2,019.');
  await demo.page.locator('[name=header]').click();
  expect(await demo.text('#numbers .summary')).toContain('100 values in “2019”, from 0 to 6.');
  await demo.page.select('[name=column]', '1');
  expect(await demo.text('#numbers .summary')).toContain('100 values in “2020”, from 0 to 4.');
  await demo.page.locator('#numbers [name=sample]').click();
  await demo.page.locator('[name=header]').click();
  expect(await demo.text('#numbers .summary')).toBe(
    'Line 1, column 2: “passengers” is no number. Mend them, or choose another column.',
  );
  await demo.page.locator('#numbers [name=sample]').click();
  expect(await isHeader()).toBe(true);
});

test('learns a series of any size as one of the size 1', async () => {
  await open('#numbers=stateless.12.8.8.1');
  const verdictAt = async (size: number) => {
    await paste('#csv', Array.from({ length: 200 }, (_, n) => String(size * Math.sin(n / 2))).join('\n'));
    await demo.page.locator('#numbers .start').click();
    await demo.waitForText('#numbers .verdict', /./);
    const [gain] = /^\d+ % better/.exec(await demo.text('#numbers .verdict')) ?? [];
    const inked = await demo.page.$eval('#numbers .forecast canvas', (element) => {
      const { width, height } = element as HTMLCanvasElement;
      const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
      copy.drawImage(element as HTMLCanvasElement, 0, 0);
      return copy
        .getImageData(0, 0, width, height)
        .data.filter((_, at) => at % 4 === 3)
        .filter(Boolean).length;
    });
    expect(inked).toBeGreaterThan(1000);
    return gain;
  };
  const gain = await verdictAt(1);
  expect(gain).toBeDefined();
  for (const size of [1e-285, 1e-160, 1e37]) expect([size, await verdictAt(size)]).toEqual([size, gain]);
});

test('a run whose settings were changed says nothing beside the new ones', async () => {
  await open('#numbers=stateless.12.8.500.24');
  await demo.page.locator('#numbers .start:enabled').click();
  await demo.waitForText('#numbers .words', /^Epoch \d+ of 500: /);
  await demo.page.locator('#numbers .settings input[value="16"]').click();
  await demo.page.waitForSelector('#numbers .start', { visible: true });
  expect(await demo.text('#numbers .words')).toBe('');
  expect(await demo.text('#numbers .verdict')).toBe('');
  expect(await demo.isVisible('#numbers .learning')).toBe(false);
});

test('opens a file, and keeps its settings in the address', async () => {
  await open();
  const path = join(folder, 'tide.csv');
  await writeFile(path, `tide\r\n${Array.from({ length: 300 }, (_, n) => Math.sin(n / 4).toFixed(3)).join('\r\n')}`);
  const chooser = await demo.page.$('[name=file]');
  await (chooser as ElementHandle<HTMLInputElement>).uploadFile(path);
  await demo.waitForText('#numbers .summary', /300 values in “tide”/);
  await demo.page.locator('#numbers .settings input[value=stateful]').click();
  await demo.page.waitForFunction(() => location.hash !== '');
  expect(await demo.page.evaluate(() => location.hash)).toBe('#numbers=stateful.24.16.20.24');
});

test('learns to write, stops for what is started elsewhere, goes on, and writes alone', async () => {
  await open('#numbers=stateless.12.8.2.24&text=32-0.5');
  await demo.page.locator('#text [data-run=learn]').click();
  // From two on they are told by a number, which is compared below.
  await demo.waitForText('#text .pieces', /After \d+ readings/);
  const words = await demo.page.evaluate(() => {
    document.querySelector<HTMLButtonElement>('#text .stop')!.click();
    return document.querySelector('#text .words')!.textContent;
  });
  expect(words).toBe('Stopping …');
  await demo.waitForText('#text .words', /^It has read/);
  await demo.page.locator('#text [data-run=learn]').click();
  await demo.waitForText('#text .words', /characters a second/);
  await demo.page.locator('#numbers .start').click();
  await demo.waitForText('#numbers .verdict', /./);
  expect(await demo.text('#text [data-run=learn]')).toBe('Go on');
  expect(await demo.isVisible('#text .stop')).toBe(false);
  const stopped = numberAfter('read the text', await demo.text('#text .words'));
  await demo.page.$eval('#text .words', (words) => {
    const note = () => (words.parentElement!.dataset.told += `|${words.textContent}`);
    new MutationObserver(note).observe(words, { childList: true });
  });

  await demo.page.locator('#text [data-run=learn]').click();
  await demo.page.waitForFunction(
    (stopped) => Number(/(\d+) times/.exec(document.querySelector('#text .words')!.textContent)?.[1]) > stopped,
    {},
    stopped,
  );
  // It is known what it does, between two readings too.
  expect(await demo.page.$eval('#text .job-control', (control) => (control as HTMLElement).dataset.told)).not.toContain(
    'preparing',
  );
  await demo.page.locator('#text .stop').click();
  await demo.waitForText('#text .words', /^It has read/);
  await demo.page.locator('#text [data-run=write]').click();
  await demo.page.waitForFunction(() => document.querySelector('#text .piece')!.textContent.length === 301);
  expect(numberAfter('Surprise per character:', await demo.text('#text .words'))).toBeLessThan(3);

  // Each piece tells the temperature at which it was written, which may be another one now.
  expect(await demo.text('#text .when')).toMatch(/^After \d+ readings?, temperature 0\.5$/);
  // Writings of another size are called what they are, until that size is chosen again.
  expect(await demo.text('#text .old')).toBe('');
  await demo.page.locator('#text .settings input[value="64"]').click();
  expect(await demo.text('#text .old')).toMatch(/ are of the text and the units before\./);
  await demo.page.locator('#text .settings input[value="32"]').click();
  expect(await demo.text('#text .old')).toBe('');

  // How it went is not told of another text, nor of one that came while it learned.
  const other = 'The tide came in. '.repeat(50);
  await paste('#text-field', other);
  expect(await demo.text('#text .words')).toBe('');
  expect(await demo.text('#text .old')).not.toBe('');
  await demo.page.locator('#text [data-run=learn]').click();
  await demo.waitForText('#text .words', /^It has read/);
  expect(await demo.text('#text .old')).toBe('');
  await paste('#text-field', `${other}The end.`);
  await demo.page.waitForSelector('#text [data-run=learn]', { visible: true });
  expect(await demo.text('#text .words')).toBe('');
});

test('the program of the network that writes learns and writes', async () => {
  await open('#text=32-0.5');
  await demo.page.$eval('#text .program', (details) => ((details as HTMLDetailsElement).open = true));
  const output = await outputOf('#text');
  // It has read the text some thirty times, and knows more than how often each character comes.
  expect(numberAfter('surprise per character:', output)).toBeLessThan(2);
  expect(output.length).toBeGreaterThan(300);
});

test('measures the machine: what computes, how fast, and with which kernels; and all of it fits a phone', async () => {
  await open();
  // A click waits until the page has drawn twice, which took more than 30 s once, beside other tests on two cores.
  await demo.page.locator('#machine .start').setTimeout(120_000).click();
  await demo.waitForText('#machine .verdict', /./);
  expect(await demo.text('#machine .verdict')).toMatch(/: (a software adapter|a GPU)\./);
  expect(await demo.page.$$eval('#machine .speed tbody tr', (rows) => rows.length)).toBe(3);
  expect(await demo.text('#machine .kernels')).toContain('resident');
  const output = await outputOf('#machine');
  expect(numberAfter(':', output)).toBeGreaterThan(0);

  // On a phone nothing but programs and tables scrolls sideways, and all of them are there now.
  for (const part of ['#numbers', '#text']) {
    await demo.page.$eval(`${part} .program`, (details) => ((details as HTMLDetailsElement).open = true));
  }
  await demo.page.setViewport({ width: 360, height: 740 });
  await demo.page.waitForFunction(() => document.documentElement.scrollWidth === 360);
});

test('without WebGPU it says why, reads numbers all the same, and shows no button that is dead', async () => {
  await demo.page.evaluateOnNewDocument(() => delete (Navigator.prototype as { gpu?: GPU }).gpu);
  await open();
  await demo.page.locator('#obstacle').wait();
  expect(await demo.text('#obstacle')).toMatch(/WebGPU/);
  expect(await demo.isVisible('#numbers .start')).toBe(false);
  expect(await demo.isVisible('#machine')).toBe(false);
  expect(await demo.text('#numbers .summary')).toMatch(/^1,008 values/);
  await demo.page.locator('#numbers .forecast canvas').wait();
});

test('nothing jumps while the page loads', async () => {
  const shifts = await noteShiftsOf(demo.page);
  await open();
  await demo.page.locator('#numbers .forecast canvas').wait();
  expect(await shifts.sum()).toBeLessThan(0.01);
});

test('a thousand streams run at once, of which one is reset, forked and frozen', async () => {
  await open();
  await demo.page.locator('#streams .start').click();
  await demo.waitForText('#streams .speed-now', /^1,000 pushes in [\d.,]+ ms: [\d,]+ a second\.$/);
  const press = (label: string) => demo.page.locator(`#streams .controls ::-p-text(${label})`).click();
  const what = '#streams .what';
  await demo.waitForText(what, /^Stream 1 · step \d+ · forecasts are off by 0\.\d\d\.$/);

  // The 34th place: the second one of the second row, of 32.
  const places = await demo.page.waitForSelector('#streams .streams > canvas');
  const { width } = (await places!.boundingBox())!;
  await places!.click({ offset: { x: (1.5 * width) / 32, y: (1.5 * 0.8 * width) / 32 } });
  await demo.waitForText(what, /^Stream 34 · /);
  await press('Reset');
  await press('Fork');
  await demo.waitForText(what, /^Fork 1, of stream 34, hears another wave since · step/);
  const speed = '#streams .speed-now';
  await demo.waitForText(speed, /^1,001 pushes/);
  await press('Freeze');
  // A step that was on its way when the button was pressed still counts.
  await demo.waitForText(speed, /^1,000 pushes/);
  await demo.waitForText(what, /frozen at step/);
  await demo.waitForText('#streams .streams', /Let it go on/);
  const [frozen, before] = [await demo.text(what), await demo.text(speed)];
  await demo.page.waitForFunction((now, then) => document.querySelector(now)?.textContent !== then, {}, speed, before);
  expect(await demo.text(what)).toBe(frozen);
  await press('Let it go on');
  await demo.waitForText(what, / · step/);
  await demo.page.locator('#streams .stop').click();
  await demo.waitForText('#streams .words', 'They stand still.');
});

test('the program of a thousand streams runs, and a fork gives what its stream gives', async () => {
  await open();
  expect(await outputOf('#streams')).toMatch(/^\d+ pushes a second\ntrue$/);
});
