import { expect, test } from 'vitest';
import { dayOf } from '../../demo/page/figures.ts';
import * as clockData from '../../demo/pictures/clock/data.ts';
import { caption } from '../../demo/pictures/clock/words.ts';
import { FIRST as FIRST_QUESTIONS } from '../../demo/pictures/questions/data.ts';
import { snippet } from '../../demo/pictures/questions/snippets.ts';
import { FIRST as FIRST_SEEDS, shareLearned } from '../../demo/pictures/seeds/data.ts';
import { sentences } from '../../demo/pictures/seeds/words.ts';
import recorded from '../../demo/recorded/second-look.json';
import { openDemoPages } from './demo-pages.ts';

const demo = openDemoPages();

async function open(address = ''): Promise<void> {
  await demo.page.goto(demo.url + address);
  await demo.page.waitForSelector('#seeds .caption');
  await demo.page.waitForSelector('#clock .caption');
  await demo.page.waitForSelector('#questions .question');
}

/** Changes of the address are noted together, a moment after the last. */
const waitForAddress = (words: string) =>
  demo.page.waitForFunction((words) => location.hash.includes(words), {}, words);

test('many seeds: what was recorded is counted, line by line and in the table', async () => {
  await open();
  expect(await demo.text('#seeds .caption')).toBe(sentences(recorded.seeds.right, FIRST_SEEDS));
  expect(await demo.text('#seeds .quiet')).toContain(dayOf(recorded.date));
  const shares = await demo.page.$$eval('#seeds .seeds-legend b', (shares) =>
    shares.map(({ textContent }) => textContent),
  );
  const { keras1, keras3, reset } = recorded.seeds.right;
  const share = (right: number[][]) => {
    const { learned, networks } = shareLearned(right, FIRST_SEEDS.epoch);
    return `${learned} of ${networks}`;
  };
  expect(shares).toEqual([keras1, keras3, reset].map(share));
  const lines = await demo.page.$$eval('#seeds .picture > .seeds-chart path', (paths) => paths.length);
  expect(lines).toBe(3 * recorded.seeds.networks);

  await demo.page.locator('#seeds summary').click();
  await demo.page.waitForSelector('#seeds tbody tr');
  expect(await demo.page.$$eval('#seeds tbody tr', (rows) => rows.length)).toBe(recorded.seeds.networks);
});

test('many seeds: the keyboard picks lines and epochs, and the address brings both back', async () => {
  await open();
  await demo.page.focus('#seeds input[type=range]');
  await demo.page.keyboard.press('Home');
  expect(await demo.text('#seeds .caption')).toMatch(/^After epoch 1 /);
  await demo.page.focus('#seeds input[value=all]');
  await demo.page.keyboard.press('ArrowRight');
  await waitForAddress('seeds=keras1.1');
  const told = sentences(recorded.seeds.right, { shown: 'keras1', epoch: 1 });
  expect(await demo.text('#seeds .caption')).toBe(told);

  await open('#seeds=keras1.1');
  expect(await demo.text('#seeds .caption')).toBe(told);
});

test('many seeds: trains some, tells how far it is, and stops at once', async () => {
  await open();
  await demo.page.focus('#seeds .start');
  await demo.page.keyboard.press('Enter');
  await demo.waitForText('#seeds .words', 'epoch 1 of 15');
  expect(await demo.text('#seeds .quiet')).toMatch(/^Trained here, now: \d+ networks .*software adapter/);
  // The first report tells no remaining time, since kernels compile before it.
  await demo.waitForText('#seeds .words', ' left');

  const pressed = performance.now();
  await demo.page.keyboard.press('Enter');
  await demo.waitForText('#seeds .words', 'Stopped');
  expect(performance.now() - pressed).toBeLessThan(5000);
  expect(await demo.page.evaluate(() => document.activeElement!.className)).toBe('start');

  await demo.page.locator('#seeds .back').click();
  expect(await demo.text('#seeds .caption')).toBe(sentences(recorded.seeds.right, FIRST_SEEDS));
  expect(await demo.text('#seeds .picture > .quiet')).toContain(dayOf(recorded.date));
  expect(await demo.page.$eval('#seeds .back', (button) => button.checkVisibility())).toBe(false);
});

test('the clock: its caption counts, a sequence can be turned over, and the keyboard reads steps', async () => {
  await open();
  const of = (answers: clockData.Bit[]) =>
    caption(clockData.runClock(clockData.beginningOf(recorded.clock.weights), answers));
  expect(await demo.text('#clock .caption')).toBe(of([1, 0, 0, 1]));
  await demo.page.locator('#clock .heads button:nth-child(2)').click();
  expect(await demo.text('#clock .caption')).toBe(of([1, 1, 0, 1]));
  await demo.page.focus('#clock input[type=range]');
  for (let step = 90; step < 110; step++) await demo.page.keyboard.press('ArrowRight');
  expect(await demo.text('#clock .reading')).toMatch(
    /^Sequence 2 \(y = 1\), window 1, step 1\. The last 1 was read 0 steps/,
  );
  await waitForAddress('clock=1101.110.3');

  await open('#clock=0001.330.4');
  expect(await demo.text('#clock .reading')).toMatch(
    /^Sequence 4 \(y = 1\), window 1, step 1\. The last 1 was read 0 steps/,
  );
});

test('the clock trains a network and shows it after its first epoch; what waits for it is stopped at once', async () => {
  await open();
  await demo.page.locator('#clock .start').click();
  await demo.waitForText('#clock .words', 'epoch 1');
  await demo.page.locator('#seeds .start').click();
  await demo.page.locator('#seeds .stop').click();
  await demo.waitForText('#seeds .words', 'Stopped');
  expect(await demo.text('#clock .words')).toMatch(/^epoch/);

  await demo.waitForText('#clock .picture > .quiet', 'trained here, now: 1 epoch, test accuracy 0.');
  expect(await demo.text('#clock .caption')).toMatch(/^\d+ of 44 answers are right/);
  await demo.page.locator('#clock .stop').click();
  await demo.waitForText('#clock .words', 'Stopped');

  await demo.page.locator('#clock .back').click();
  expect(await demo.text('#clock .picture > .quiet')).toContain(dayOf(recorded.date));
  const { FIRST, beginningOf, runClock } = clockData;
  expect(await demo.text('#clock .caption')).toBe(
    caption(runClock(beginningOf(recorded.clock.weights), FIRST.answers)),
  );
});

test('questions lead to a program, with the shapes of the reader or what is wrong with them', async () => {
  await open();
  const answer = async (question: number, value: string) =>
    demo.page.locator(`#questions .question:nth-child(${question}) input[value=${value}]`).click();
  expect(await demo.page.$eval('#questions pre', (box) => box.checkVisibility())).toBe(false);
  await answer(1, 'n');
  await answer(2, 'y');
  await answer(3, 'y');
  await answer(4, 'n');
  expect(await demo.text('#questions code')).toBe(snippet('stateful', FIRST_QUESTIONS.shapes));
  await waitForAddress('questions=nyyn.100-20-1-4');

  await demo.page.locator('#questions label:nth-child(4) input[type=number]').fill('101');
  expect(await demo.text('#questions .problem')).toMatch(/at most 100/);
  expect(await demo.page.$eval('#questions pre', (box) => box.checkVisibility())).toBe(false);

  await answer(1, 'y');
  expect(await demo.text('#questions code')).toBe(snippet('stateless', { ...FIRST_QUESTIONS.shapes, batchSize: 101 }));
});

test('without an adapter there are the recorded networks, and no dead button', async () => {
  await demo.page.evaluateOnNewDocument(() => void (GPU.prototype.requestAdapter = () => Promise.resolve(null)));
  await open();
  await demo.page.waitForFunction(() =>
    [...document.querySelectorAll('#seeds button, #clock .job-control button')].every(
      (button) => !button.checkVisibility(),
    ),
  );
  expect(await demo.text('#seeds .caption')).toBe(sentences(recorded.seeds.right, FIRST_SEEDS));
});

test('fits a phone: nothing but the tape and the program scrolls sideways', async () => {
  await demo.page.setViewport({ width: 360, height: 740 });
  await open('#questions=nyyy.100-20-1-4');
  expect(await demo.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const sizes = await demo.page.$$eval('#seeds text, #clock text', (texts) =>
    texts.map((text) => Number.parseFloat(getComputedStyle(text).fontSize)),
  );
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12);
});
