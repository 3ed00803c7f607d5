import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { openDemoPages } from './demo-pages.ts';
import { openLab, openStory, scrollThrough } from './page-probe.ts';

// The pages as people use them: magnified, from the keyboard, in two tabs, left and come back to.

const demo = openDemoPages();

/** A browser at 200 % has half the pixels of its window to lay out in, each of them twice as large. */
const MAGNIFIED = { width: 640, height: 400, deviceScaleFactor: 2 };

test.each([
  ['story', openStory],
  ['lab', openLab],
] as const)('the %s magnified twice: nothing scrolls sideways, and no text is cut off', async (_which, open) => {
  const { page } = demo;
  await page.setViewport(MAGNIFIED);
  await open(demo);
  await scrollThrough(page);
  const faults = await page.evaluate(() => {
    const cut = [...document.querySelectorAll<HTMLElement>('button, label, legend, summary, h1, h2, h3, p')].filter(
      (element) =>
        element.checkVisibility() && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0,
    );
    return { width: document.documentElement.scrollWidth, cut: cut.map(({ outerHTML }) => outerHTML.slice(0, 120)) };
  });
  expect(faults).toEqual({ width: MAGNIFIED.width, cut: [] });
});

/** Starts the training of the lab's sample, which takes a while, and waits until it is under way. */
async function trainForecast(page: Page): Promise<void> {
  await page.goto(`${demo.url}lab.html#numbers=stateless.12.8.500.24`);
  await page.locator('#numbers .start:enabled').click();
  await page.waitForFunction(() => /^Epoch \d+ of/.test(document.querySelector('#numbers .words')!.textContent));
}

test('a page that is loaded again while it trains begins anew, with its settings', async () => {
  const { page } = demo;
  await trainForecast(page);
  await page.reload();
  await page.locator('#numbers .start:enabled').wait();
  expect(await demo.text('#numbers .words')).toBe('');
  expect(await page.$eval('[name=epochs]', (input) => (input as HTMLInputElement).value)).toBe('500');
  await page.locator('[name=epochs]').fill('2');
  await page.keyboard.press('Tab');
  await page.locator('#numbers .start:enabled').click();
  await demo.waitForText('#numbers .words', /^Trained 2 epochs/);
});

test('back and forward show the pictures of each address, and leave the page usable', async () => {
  const { page } = demo;
  await page.goto(`${demo.url}lab.html#numbers=stateful.12.8.4.24`);
  await page.locator('#numbers .start:enabled').wait();
  await page.evaluate(() => (location.hash = 'numbers=stateless.30.32.5.7'));
  const windowLength = () => page.$eval('[name=window]', (input) => (input as HTMLInputElement).value);
  await expect.poll(windowLength).toBe('30');
  await page.goBack();
  await expect.poll(windowLength).toBe('12');
  await page.goForward();
  await expect.poll(windowLength).toBe('30');

  // From page to page, where a browser may bring the old page back as it was.
  await page.goto(demo.url);
  await page.waitForSelector('#tape .answers');
  await page.goBack();
  await expect.poll(windowLength).toBe('30');
  await page.locator('#numbers .start:enabled').click();
  await demo.waitForText('#numbers .words', /^Trained 5 epochs/);
});

test('two tabs train at once, one of them out of sight, and both come to the same', async () => {
  const { page } = demo;
  const other = await page.browser().newPage();
  try {
    const open = async (tab: Page) => {
      await tab.goto(`${demo.url}lab.html#numbers=stateless.12.8.6.24`);
      await tab.locator('#numbers .start:enabled').wait();
    };
    await open(page);
    await open(other);
    await page.bringToFront();
    await page.locator('#numbers .start').click();
    await other.bringToFront();
    await other.locator('#numbers .start').click();
    const verdict = async (tab: Page) => {
      await tab.waitForFunction(() => document.querySelector('#numbers .verdict')!.textContent, { polling: 200 });
      return tab.$eval('#numbers .verdict', ({ textContent }) => textContent);
    };
    expect(await verdict(page)).toBe(await verdict(other));
  } finally {
    await other.close();
  }
});

test('a training goes on in a tab that is out of sight, and its end is there when one comes back', async () => {
  const { page } = demo;
  await page.goto(`${demo.url}lab.html#numbers=stateless.12.8.20.24`);
  await page.locator('#numbers .start:enabled').click();
  const other = await page.browser().newPage();
  try {
    await other.bringToFront();
    await page.waitForFunction(() => document.querySelector('#numbers .verdict')!.textContent, { polling: 200 });
  } finally {
    await other.close();
  }
  await page.bringToFront();
  expect(await demo.text('#numbers .words')).toMatch(/^Trained 20 epochs/);
  expect(await demo.isVisible('#numbers .start')).toBe(true);
});

test('from the keyboard alone a forecast is set, trained, and its program copied or selected', async () => {
  const { page } = demo;
  await page.goto(`${demo.url}lab.html#numbers=stateless.12.8.2.24`);
  await page.locator('#numbers .start:enabled').wait();
  /** Goes on with Tab until an element has the focus. */
  const tabTo = async (selector: string) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((selector) => document.activeElement!.matches(selector), selector)) return;
    }
    throw new Error(`Tab does not reach ${selector}.`);
  };
  await tabTo('#numbers [value=stateless]');
  await page.keyboard.press('ArrowRight');
  await tabTo('#numbers [name=epochs]');
  await page.keyboard.press('ArrowUp');
  await tabTo('#numbers .start');
  await page.keyboard.press('Enter');
  await demo.waitForText('#numbers .words', /^Trained 3 epochs/);
  await tabTo('#numbers .program summary');
  await page.keyboard.press('Enter');
  await tabTo('#numbers .program .copy');
  await page.keyboard.press('Enter');
  await demo.waitForText('#numbers .copied', /^(Copied\.|.*The program is selected)/);
  expect(await demo.text('#numbers .program code')).toContain('stateful: true');
});
