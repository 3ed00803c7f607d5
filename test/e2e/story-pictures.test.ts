import { beforeEach, expect, test } from 'vitest';
import { handOversOf, tally, type Batching } from '../../demo/pictures/hand-overs/data.ts';
import { shortFigure } from '../../demo/page/figures.ts';
import { callOf, countsOf as countsOfHandOvers } from '../../demo/pictures/hand-overs/words.ts';
import { bestOf, LENGTHS } from '../../demo/pictures/window/data.ts';
import { countsOf as countsOfWindows } from '../../demo/pictures/window/words.ts';
import recorded from '../../demo/recorded/picture-trainings.json';
import { openDemoPages } from './demo-pages.ts';

const pages = openDemoPages();

beforeEach(() => pages.page.setViewport({ width: 1280, height: 900 }));

const count = (selector: string) => pages.page.$$eval(selector, (elements) => elements.length);
const open = async (hash = '') => {
  await pages.page.goto(pages.url + hash);
  await pages.page.locator('#hand-overs .gap').wait();
  await pages.page.locator('#window .windows').wait();
};
/** Picks one of several values of a group. */
const pick = (section: string, legend: string, value: string) =>
  pages.page.evaluate(
    (section, legend, value) => {
      const groups = [...document.querySelectorAll(`${section} .choice`)];
      const group = groups.find((one) => one.querySelector('legend')!.textContent === legend)!;
      group.querySelector<HTMLInputElement>(`input[value="${value}"]`)!.click();
    },
    section,
    legend,
    value,
  );
const slide = (selector: string, value: number) =>
  pages.page.$eval(
    selector,
    (input, value) => {
      (input as HTMLInputElement).value = String(value);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    },
    value,
  );
const make = (part: Partial<Batching>): Batching => ({ batchSize: 3, order: 'in-order', seed: 1, resets: 0, ...part });

/** Compares what the page says of hand-overs with what it draws, and with what it should say. */
async function expectHandOvers(batching: Batching): Promise<void> {
  const found = tally(handOversOf(batching));
  const { right, wrong, nextEpoch } = found;
  // All at once: a question a number would take longer than the page takes to draw.
  const shown = await pages.page.$eval('#hand-overs', (section) => {
    const words = (selector: string) => section.querySelector(selector)!.textContent;
    const count = (selector: string) => section.querySelectorAll(`.picture ${selector}`).length;
    return {
      counts: words('.counts'),
      call: words('.call code'),
      right: count('.head.right'),
      wrong: count('.cross'),
      nextEpoch: count('.head.next-epoch'),
      pieces: count('.piece'),
    };
  });
  const counts = countsOfHandOvers(found);
  expect(shown).toEqual({ counts, call: callOf(batching), right, wrong, nextEpoch, pieces: 12 });
}

test('hand-overs: every batch size, order and rule of resets, counted and drawn', async () => {
  await open();
  await expectHandOvers(make({}));
  for (const order of ['in-order', 'interleaved'] as const) {
    await pick('#hand-overs', 'Order', order);
    for (const batchSize of [1, 2, 3, 4, 6]) {
      await pick('#hand-overs', 'Batch size', String(batchSize));
      for (const resets of [0, 1, 2, 3, 4]) {
        await pick('#hand-overs', 'Reset', String(resets));
        await expectHandOvers(make({ order, batchSize, resets }));
      }
    }
  }
});

test('hand-overs: shuffled and shuffled again, by a seed that the address keeps', async () => {
  await open();
  await pick('#hand-overs', 'Order', 'shuffled');
  await expectHandOvers(make({ order: 'shuffled' }));
  await pages.page.locator('#hand-overs .again').click();
  await expectHandOvers(make({ order: 'shuffled', seed: 2 }));
  await pages.page.waitForFunction(() => location.hash === '#hand-overs=3.shuffled.0.2');
  await pages.page.reload();
  await pages.page.locator('#hand-overs .gap').wait();
  await expectHandOvers(make({ order: 'shuffled', seed: 2 }));
});

test('hand-overs: gaps are pressed with the mouse and the keyboard', async () => {
  await open();
  const marks = Array.from({ length: 12 }, () => 0);
  await pages.page.locator('#hand-overs [data-gap="1.1"]').click();
  marks[4] = 1;
  await expectHandOvers(make({ resets: [...marks] }));
  expect(await pages.text('#hand-overs .call code')).toContain('if (batch === 1) model.resetStates([1]);');
  expect(await pages.text('#hand-overs .mask code')).toBe('resetStates: [0, 0, 0,  0, 1, 0,  0, 0, 0,  0, 0, 0]');

  await pages.page.$eval('#hand-overs [data-gap="1.1"]', (gap) => (gap as SVGElement).focus());
  await pages.page.keyboard.press('ArrowRight');
  await pages.page.keyboard.press('ArrowUp');
  await pages.page.keyboard.press('ArrowUp');
  await pages.page.keyboard.press('Enter');
  marks.fill(1, 6, 9);
  await expectHandOvers(make({ resets: [...marks] }));
  expect(await pages.page.evaluate(() => (document.activeElement as HTMLElement).dataset.gap)).toBe('2.-1');
  await pages.page.keyboard.press(' ');
  marks.fill(0, 6, 9);
  await expectHandOvers(make({ resets: [...marks] }));
});

test('hand-overs: the table says what the picture shows', async () => {
  await open('#hand-overs=1.in-order.4');
  await pages.page.locator('#hand-overs .details summary').click();
  await pages.page.locator('#hand-overs .details tbody tr').wait();
  const rows = await pages.page.$$eval('#hand-overs .details tbody tr', (all) =>
    all.map(({ textContent }) => textContent),
  );
  expect(rows.length).toBe(12);
  expect(rows.filter((row) => row.includes('Right.')).length).toBe(9);
  expect(rows.filter((row) => row.includes('a reset')).length).toBe(3);
});

test('windows: a guess, then the answer', async () => {
  await open();
  expect(await count('#window .mark')).toBe(0);
  await slide('#window form input', 60);
  expect(await pages.text('#window .guess-value')).toBe('0.60');
  await pages.page.locator('#window form button[type=submit]').click();
  expect(await pages.text('#window .judgement')).toContain(
    `You said 0.6. Less than that: ${shortFigure(bestOf(10).accuracy)}`,
  );
  expect(await count('#window .curve .guess')).toBe(1);
});

test('windows: every length, by slider, counted and drawn', async () => {
  await open();
  await pages.page.locator('#window .skip').click();
  for (const length of LENGTHS) {
    await slide('#window .length', length);
    const { right, pieces, accuracy } = bestOf(length);
    expect(await pages.text('#window .counts')).toBe(countsOfWindows(length, bestOf(length)));
    expect(await pages.text('#window .curve .value')).toBe(shortFigure(accuracy));
    expect(await count('#window .mark.right')).toBe(right);
    expect(await count('#window .mark')).toBe(pieces);
  }
  await pages.page.waitForFunction(() => location.hash === '#window=20.1.s');
});

test('windows: dragged by its end and as a whole, and moved with the keyboard', async () => {
  await open('#window=10.1.s');
  await pages.page.$eval('#window', (section) => section.scrollIntoView());
  const grip = await pages.page.$eval(
    '#window .y1 .grip',
    (element) => element.getBoundingClientRect().toJSON() as DOMRect,
  );
  const cell = await pages.page.$eval('#window .y1 .windows', (element) => (element.clientWidth - 26) / 20);
  const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
  await pages.page.mouse.move(x, y);
  await pages.page.mouse.down();
  await pages.page.mouse.move(x + 5 * cell, y, { steps: 4 });
  await pages.page.mouse.up();
  expect(await pages.text('#window .length-value')).toBe('15');
  await pages.page.mouse.move(x - 4 * cell, y);
  await pages.page.mouse.down();
  await pages.page.mouse.move(x - 1 * cell, y, { steps: 4 });
  await pages.page.mouse.up();
  expect(await pages.text('#window .start-value')).toBe('4');
  expect(await pages.text('#window .window-text')).toMatch(/^Steps 4 to 18: this window sees only zeros/);
  await pages.page.focus('#window .length');
  await pages.page.keyboard.press('ArrowRight');
  expect(await pages.text('#window .counts')).toBe(countsOfWindows(16, bestOf(16)));
});

test('windows: training at a length comes to the bound', async () => {
  await open('#window=10.1.s');
  await pages.page.locator('#window .training button.start').click();
  await pages.page.waitForFunction(() => document.querySelector('#window .measured-text')!.textContent);
  expect(await pages.text('#window .measured-text')).toMatch(
    /: 0\.5455 on the test half\. As good as any network can be here\.$/,
  );
  expect(await count('#window .curve .measured')).toBe(1);
});

test('the race: in order learns nothing, interleaved everything; and it can be stopped', async () => {
  await open();
  await pages.page.$eval('#hand-overs .race', (race) => race.scrollIntoView());
  await pages.page.locator('#hand-overs .race button.start').click();
  await pages.page.locator('#hand-overs .race button.stop').wait();
  await pages.page.waitForFunction(
    () => document.querySelectorAll('#hand-overs .race .interleaved circle').length === 2,
  );
  await pages.page.locator('#hand-overs .race button.stop').click();
  await pages.page.waitForFunction(() =>
    document.querySelector('#hand-overs .race')!.textContent!.includes('Stopped.'),
  );
  const result = (await pages.text('#hand-overs .race .result'))!;
  const [inOrder, interleaved] = [...result.matchAll(/ (\d\.\d{4}) /g)].map(([, number]) => Number(number));
  expect(inOrder).toBeLessThan(0.56);
  expect(interleaved).toBe(1);
});

test('both pictures fit a phone', async () => {
  await pages.page.setViewport({ width: 360, height: 740 });
  await open('#hand-overs=1.in-order.4&window=10.1.s');
  expect(await pages.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const sizes = await pages.page.$$eval('#window svg text, #hand-overs svg text', (texts) =>
    texts.map((text) => Number.parseFloat(getComputedStyle(text).fontSize)),
  );
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12);
});

test('without WebGPU both show what was recorded, and no button that could not work', async () => {
  await pages.page.evaluateOnNewDocument(() => delete (Navigator.prototype as { gpu?: GPU }).gpu);
  await open('#window=10.1.s');
  await pages.page.$eval('#hand-overs .race', (race) => race.scrollIntoView());
  await pages.page.locator('#hand-overs .race ::-p-text(Play recording)').click();
  await pages.page.waitForFunction(
    () => document.querySelectorAll('#hand-overs .race .interleaved circle').length === 5,
  );
  const [inOrder, interleaved] = [recorded.race['in-order'], recorded.race.interleaved].map((one) =>
    one.at(-1)!.toFixed(4),
  );
  expect(await pages.text('#hand-overs .race .result')).toBe(
    `Right on the test half: in order ${inOrder} after epoch 5, interleaved ${interleaved} after epoch 5.`,
  );
  expect(await count('#window .curve .measured')).toBe(20);
  const starts = await pages.page.$$eval('#window .start, #hand-overs .start', (buttons) =>
    buttons.filter((button) => button.matches('button') && button.checkVisibility()),
  );
  expect(starts.length).toBe(0);
});
