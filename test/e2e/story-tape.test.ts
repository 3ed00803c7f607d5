import { expect, test } from 'vitest';
import { FIRST, readTape, STEPS, type TapeState } from '../../demo/pictures/memory-tape/data.ts';
import { loadTraining } from '../../demo/pictures/memory-tape/recorded.ts';
import { captionOf } from '../../demo/pictures/memory-tape/words.ts';
import { openDemoPages } from './demo-pages.ts';

const demo = openDemoPages();
const recorded = await loadTraining();

const picks = (label: string) => demo.page.locator(`#tape .choice ::-p-text(${label})`).click();

/** The caption that the tape must have, computed from the recorded weights. */
function captionFor(changes: Partial<TapeState>): string {
  const state = { ...FIRST, ...changes };
  const { weights } = recorded.find(({ seen }) => seen === state.seen)!;
  const { count, why } = captionOf(state, readTape(weights, state));
  return `${count}: ${why}`;
}

/** Waits until the tape is written and says so; then as many answers are marked wrong as it says. */
async function expectCaption(caption: string): Promise<void> {
  await demo.page.waitForFunction(
    (wanted) =>
      document.querySelector('#tape .caption')!.textContent === wanted &&
      !document.querySelector('#tape .answers [visibility=hidden]'),
    {},
    caption,
  );
  const marked = await demo.page.$$eval('#tape .answers .right', (dots) => dots.length);
  expect(`${marked} of ${STEPS} right`).toBe(caption.split(':')[0]);
}

test('counts the right answers in each mode, and at each moment of the training', async () => {
  const { page } = demo;
  await page.goto(demo.url);
  await expectCaption(captionFor({}));
  await picks('Never reset');
  await expectCaption(captionFor({ mode: 'never' }));
  await picks('Stateless');
  await expectCaption(captionFor({ mode: 'stateless' }));
  await picks('Reset at each sequence');

  await page.focus('#tape input[type=range]');
  for (const { seen } of [...recorded].reverse().slice(1)) {
    await page.keyboard.press('ArrowLeft');
    await expectCaption(captionFor({ seen }));
  }
  expect(await demo.text('#tape output')).toBe('0');
});

test('is played from the keyboard: a number changes, cells are looked at, and the address keeps it', async () => {
  const { page } = demo;
  await page.goto(demo.url);
  await page.focus('#tape .numbers button[tabindex="0"]');
  await page.keyboard.press('Enter');
  await expectCaption(captionFor({ ones: [0, 20, 40] }));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  expect(await demo.text('#tape .card-title')).toBe('Step 22, cell 2');
  expect(await page.evaluate(() => document.activeElement!.ariaLabel)).toBe('Step 22 reads 0');

  const state = { ...FIRST, ones: [0, 20, 40], step: 21, cell: 1 };
  const { c, f, i, g, before } = readTape(recorded[recorded.length - 1].weights, state)[21];
  const [sum, ...terms] = [c, f, before, i, g].map((all) => Math.abs(all[1]).toFixed(2));
  const numbers = [...(await demo.text('#tape .sum'))!.matchAll(/\d+\.\d+/g)].map(([number]) => number);
  expect(numbers).toEqual([...terms, sum]);

  await page.waitForFunction(() => location.hash === '#tape=reset.1000.0-20-40.21.1');
  await page.reload();
  await expectCaption(captionFor({ ones: [0, 20, 40] }));
  expect(await demo.text('#tape .card-title')).toBe('Step 22, cell 2');
});

test('shows the cell under the pointer, and goes back when it leaves', async () => {
  const { page } = demo;
  const cardSays = (title: string) =>
    page.waitForFunction((wanted) => document.querySelector('#tape .card-title')!.textContent === wanted, {}, title);
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(demo.url);
  await page.locator('#tape canvas').wait();
  const canvas = (await page.$$('#tape canvas'))[2];
  const { x, y, width, height } = (await canvas.boundingBox())!;
  await page.mouse.move(x + width * 0.99, y + height * 0.99);
  await cardSays('Step 60, cell 10');
  await page.mouse.move(1, 1);
  await cardSays('Step 21, cell 1');
  expect(await page.evaluate(() => location.hash)).toBe('');
});

test('has all its numbers in a table', async () => {
  const { page } = demo;
  await page.goto(demo.url);
  await page.locator('#tape summary').click();
  await page.locator('#tape table tbody tr').wait();
  const rows = await page.$$eval('#tape tbody tr', (all) => all.map((row) => row.cells[4].textContent));
  expect(rows).toEqual(readTape(recorded[recorded.length - 1].weights, FIRST).map(({ p }) => p.toFixed(3)));
});

test('stops a training, trains again and shows it meanwhile, and goes back to what was recorded', async () => {
  const { page } = demo;
  await page.goto(demo.url);
  const statusBegins = (words: string) =>
    page.waitForFunction(
      (begin) => document.querySelector('#tape .job-control .words')!.textContent.startsWith(begin),
      {},
      words,
    );
  await page.locator('#tape ::-p-text(Train it now)').click();
  await page.locator('#tape ::-p-text(Stop)').click();
  await statusBegins('Stopped.');
  await page.locator('#tape ::-p-text(Train it now)').click();
  // A moment lasts 40 ms, so that a busy machine may miss any one of them.
  await page.waitForFunction(() => {
    const seen = Number(document.querySelector('#tape output')!.textContent);
    return seen > 0 && seen < 200;
  });
  await statusBegins('Trained here');
  expect(await demo.text('#tape .job-control .words')).toMatch(/^Trained here in \d+\.\d\d s\.$/);
  expect(await demo.text('#tape output')).toBe('200');
  expect(await demo.text('#tape .caption')).toMatch(/^60 of 60 right/);

  await page.locator('#tape ::-p-text(Back to the recording)').click();
  await expectCaption(captionFor({}));
});

test('says a sentence instead of a dead button where there is no WebGPU', async () => {
  const { page } = demo;
  await page.evaluateOnNewDocument(() => delete (Navigator.prototype as { gpu?: GPU }).gpu);
  await page.goto(demo.url);
  await expectCaption(captionFor({}));
  expect(await demo.text('#tape .picture')).toContain('needs WebGPU, which is missing here');
  expect(await demo.text('#tape .picture')).not.toContain('Train it now');
});

test('does not write step by step for those who want no motion', async () => {
  const { page } = demo;
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await page.goto(demo.url);
  await page.locator('#tape .answers').wait();
  expect(await page.$$eval('#tape .answers [visibility=hidden]', (dots) => dots.length)).toBe(0);
});

test('fits a phone: a sequence a screen, cells of 12 pixels, targets of 24', async () => {
  const { page } = demo;
  await page.setViewport({ width: 360, height: 740, hasTouch: true, isMobile: true });
  await page.goto(demo.url);
  await page.locator('#tape canvas').wait();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await page.setViewport({ width: 320, height: 740, hasTouch: true, isMobile: true });
  await page.waitForFunction(() => document.documentElement.scrollWidth === 320);
  await page.setViewport({ width: 360, height: 740, hasTouch: true, isMobile: true });
  const sizes = await page.$eval('#tape canvas', ({ clientWidth, clientHeight }) => [
    clientWidth / 20,
    clientHeight / 10,
  ]);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12);
  const heights = await page.$$eval('#tape button:not(.numbers button)', (buttons) =>
    buttons.filter((button) => button.checkVisibility()).map(({ offsetHeight }) => offsetHeight),
  );
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(24);

  // A tap does what the pointer does.
  const { x, y } = (await (await page.$('#tape canvas'))!.boundingBox())!;
  await page.touchscreen.tap(x + 2, y + 2);
  await page.waitForFunction(() => document.querySelector('#tape .card-title')!.textContent === 'Step 1, cell 1');
});
