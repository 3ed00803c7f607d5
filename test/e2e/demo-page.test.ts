import { expect, test } from 'vitest';
import { openDemoPages } from './demo-pages.ts';

const demo = openDemoPages();

const hasVerdict = (id: string) =>
  demo.page.waitForFunction((id) => document.querySelector(`#post-${id} .verdict`)!.textContent, {}, id);

/** Opens the page once it knows whether it can train. */
async function open(hash = ''): Promise<void> {
  await demo.page.goto(demo.url + hash);
  await demo.page.locator('#post .run-all:enabled').wait();
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
  expect(await demo.text('#post .bar .what')).toBe('Stateful, windows, with the settings of 2016, no resets');

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
  expect(await demo.text('#post-stateful-windows .verdict')).toMatch(/Too early to tell: stopped after \d+ epochs?\./);
  await demo.page.waitForFunction(() => document.querySelector<HTMLElement>('#post .bar')!.hidden);
  expect(await demo.page.evaluate(() => document.activeElement!.ariaLabel)).toBe(
    'Run: Stateful, windows, with the settings of 2016, no resets',
  );

  await demo.page.locator('#post-windows button').click();
  await hasVerdict('windows');
  expect(await demo.text('#post-windows .verdict')).toContain('nothing is lost.');
});

test('takes seed and epochs from the form into the address, and refuses what is no number of epochs', async () => {
  await open();
  await demo.page.locator('#post .settings summary').click();
  await demo.page.locator('#post .settings label:nth-of-type(2) input').fill('1');
  await demo.page.keyboard.press('Tab');
  await demo.page.waitForFunction(() => location.hash === '#post=19.1');
  await demo.page.locator('#post .settings label:nth-of-type(2) input').fill('-1');
  await demo.page.keyboard.press('Tab');
  expect(
    await demo.page.$eval('#post .settings label:nth-of-type(2) input', (input) => input.matches(':invalid')),
  ).toBe(true);
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
])(
  'in a browser that %s recordings play, nothing asks to be run, and all fits a phone',
  async (_what, spoil, message) => {
    await demo.page.evaluateOnNewDocument(spoil);
    await demo.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    await open();
    expect(await demo.text('#post .recording-note')).toMatch(message);
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
    expect(await demo.text('#post-stateless-windows .verdict')).toMatch(
      /^✓ 0\.5455: as good as any network can be here\.Recorded: 15 epochs in/,
    );
    // The code that draws curves is loaded with the first of them.
    await demo.page.waitForSelector('#post-stateless-windows canvas');
    await expect.poll(() => pixelsOf('#post-stateless-windows', '--a')).toBeGreaterThan(100);
    expect(await pixelsOf('#post-stateless-windows', '--c')).toBe(0);
    await demo.page.waitForFunction(() => document.querySelector<HTMLElement>('#post .bar')!.hidden);

    // On a phone nothing but tables scrolls sideways, with all curves and sentences there.
    await demo.page.setViewport({ width: 360, height: 740 });
    await demo.page.waitForFunction(() => document.documentElement.scrollWidth === 360);
  },
);
