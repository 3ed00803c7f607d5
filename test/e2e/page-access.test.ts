import axe from 'axe-core';
import type { KeyInput } from 'puppeteer';
import { describe, expect, test } from 'vitest';
import { openDemoPages } from './demo-pages.ts';
import { keepScreenshot } from './keep-screenshot.ts';
import { measurePage } from './measure-page.ts';
import { DESKTOP, openLab, openStory, openVoice, scrollThrough, sight, watch } from './page-probe.ts';

const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true };

const demo = openDemoPages();

/** The names of the screenshots, and the schemes of colours in which they are taken, of one page each. */
const LOOKS = [
  { look: 'desktop', schemes: { light: 'light', dark: 'dark' }, viewport: DESKTOP, hasWebGpu: true },
  { look: 'phone', schemes: { phone: 'light' }, viewport: PHONE, hasWebGpu: true },
  { look: 'without WebGPU', schemes: { 'without-webgpu': 'light' }, viewport: DESKTOP, hasWebGpu: false },
];

describe.each(LOOKS)('$look', ({ schemes, viewport, hasWebGpu }) => {
  test.each(['story', 'lab', 'voice'] as const)('%s: axe finds nothing', async (which) => {
    const { page } = demo;
    await page.setViewport(viewport);
    await inScheme('light');
    if (!hasWebGpu) await page.evaluateOnNewDocument(() => delete (Navigator.prototype as { gpu?: GPU }).gpu);
    await { story: openStory, lab: openLab, voice: openVoice }[which](demo);
    if (which === 'story' && !hasWebGpu) {
      await page.locator('#post .run-all').click();
      await page.waitForFunction(() =>
        [...document.querySelectorAll('#post .verdict')].every(({ textContent }) => textContent !== ''),
      );
    }
    await scrollThrough(page);
    for (const [name, scheme] of Object.entries(schemes)) {
      await inScheme(scheme);
      await keepScreenshot(page, `${which}-${name}`);
    }

    await page.$$eval('details', (all) => all.forEach((details) => (details.open = true)));
    for (const scheme of Object.values(schemes)) {
      await inScheme(scheme);
      expect(await violations()).toEqual([]);
    }
  });
});

/** Shows the page in light or dark, and without motion. */
function inScheme(scheme: string): Promise<void> {
  return demo.page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: scheme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
}

/** Finds what is too small on a phone to be read or to be pressed, and how wide the page is. */
function smallOnPhone(): Promise<{ small: string[]; width: number }> {
  return demo.page.evaluate(() => {
    const small: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const parent = texts.currentNode.parentElement!;
      if (!texts.currentNode.textContent!.trim() || !parent.checkVisibility()) continue;
      // A drawing may be shown smaller than its own measures.
      const scale = parent instanceof SVGGraphicsElement ? parent.getScreenCTM()!.a : 1;
      const size = Number.parseFloat(getComputedStyle(parent).fontSize) * scale;
      if (size < 12) small.push(`text of ${size} px: ${texts.currentNode.textContent}`);
    }
    const room = (element: Element): DOMRect => (element.closest('.choice label') ?? element).getBoundingClientRect();
    for (const target of document.querySelectorAll<HTMLElement>('a, button, input, select, textarea, summary, .gap')) {
      // A link within a sentence is as high as the sentence. The numbers of the tape are changed by a button below it, too.
      if (!target.checkVisibility() || target.matches('p a, .numbers button')) continue;
      const { width, height } = room(target);
      if (width < 23.9 || height < 23.9)
        small.push(`target of ${width} x ${height} px: ${target.outerHTML.slice(0, 160)}`);
    }
    const tape = document.querySelector('#tape canvas');
    const windows = document.querySelector('#window .y1 .windows');
    const cells =
      tape && windows ? [tape.clientWidth / 20, tape.clientHeight / 10, (windows.clientWidth - 26) / 20] : [];
    for (const cell of cells) if (cell < 12) small.push(`cell of ${cell} px`);
    return { small, width: document.documentElement.scrollWidth };
  });
}

/** The faults that axe finds, a line each. */
async function violations(): Promise<string[]> {
  await demo.page.evaluate(axe.source);
  const { violations } = await demo.page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

test.each([
  ['story', openStory],
  ['lab', openLab],
])('%s: Tab reaches every control in order, and shows where it is', async (_which, open) => {
  const { page } = demo;
  await page.setViewport(DESKTOP);
  await open(demo);
  // Some pictures are loaded when they come near, and bring controls of their own.
  await scrollThrough(page);
  const controls = await page.evaluateHandle(() => {
    const all = document.querySelectorAll<HTMLElement | SVGElement>(
      'a, button, input, select, textarea, summary, [tabindex]',
    );
    return [...all].filter((control) => {
      if (!control.checkVisibility() || control.matches(':disabled') || control.tabIndex < 0) return false;
      if (!(control instanceof HTMLInputElement) || control.type !== 'radio') return true;
      // A group of radio buttons is one stop: the one that is picked, or the first.
      const group = [...document.querySelectorAll<HTMLInputElement>(`input[name="${control.name}"]`)];
      return control === (group.find(({ checked }) => checked) ?? group[0]);
    });
  });
  const count = await controls.evaluate((all) => all.length);
  const stops: string[] = [];
  for (let stop = 0; stop < count; stop++) {
    await page.keyboard.press('Tab');
    stops.push(
      await page.evaluate((all) => {
        const at = document.activeElement as HTMLElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(at.closest('.choice label') ?? at);
        // A drawing has a thicker edge instead.
        const isOutlined = at.matches('.gap')
          ? Number.parseFloat(getComputedStyle(at.querySelector('.target')!).strokeWidth) >= 2
          : outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
        const { top, bottom } = at.getBoundingClientRect();
        const isSeen = isOutlined && top < innerHeight && bottom > 0;
        const index = all.indexOf(at);
        return `${index}${isSeen ? '' : ` unseen: ${at.outerHTML.slice(0, 200)}`}${index < 0 ? at.outerHTML.slice(0, 200) : ''}`;
      }, controls),
    );
  }
  expect(stops).toEqual(Array.from({ length: count }, (_, index) => String(index)));
});

test('arrow keys go about in every picture', async () => {
  const { page } = demo;
  await page.setViewport(DESKTOP);
  await openStory(demo);
  const pictures: [string, ...KeyInput[]][] = [
    ['#tape .numbers button[tabindex="0"]', 'ArrowRight', 'ArrowDown', 'ArrowUp', 'ArrowLeft'],
    ['#window .length', 'ArrowLeft', 'ArrowRight'],
    ['#hand-overs .gap[tabindex="0"]', 'ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp'],
    ['#seeds input[type=range]', 'ArrowLeft', 'ArrowRight'],
    ['#clock input[type=range]', 'ArrowRight', 'ArrowLeft'],
    ['#questions input:checked', 'ArrowLeft', 'ArrowRight'],
  ];
  for (const [control, ...keys] of pictures) {
    await page.$eval(control, (element) => (element as HTMLElement).focus());
    const section = await page.evaluateHandle(() => document.activeElement!.closest('section')!);
    for (const key of keys) {
      const before = await section.evaluate(({ innerText }) => innerText);
      await page.keyboard.press(key);
      const after = await section.evaluate(({ innerText }) => innerText);
      expect([control, key, after === before]).toEqual([control, key, false]);
    }
  }
});

test('nothing moves by itself for those who want no motion', async () => {
  const { page } = demo;
  await page.setViewport(DESKTOP);
  await watch(page);
  await openStory(demo);
  expect(await page.evaluate(() => window.watched.frames)).toBeGreaterThan(10);

  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await page.reload();
  await openStory(demo);
  await scrollThrough(page);
  const before = await sight(page);
  await new Promise((rested) => setTimeout(rested, 500));
  expect(await sight(page)).toEqual(before);
  const { frames, animations } = await page.evaluate(() => ({
    frames: window.watched.frames,
    animations: document.getAnimations().length,
  }));
  expect({ frames, animations }).toEqual({ frames: 0, animations: 0 });
});

test('the address brings every picture back as it was left', async () => {
  const { page } = demo;
  await page.setViewport(DESKTOP);
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await openStory(demo, '');
  const first = await sight(page);
  await page.evaluate(() => {
    const press = (selector: string): void => {
      const element = document.querySelector(selector)!;
      element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    };
    const fill = (selector: string, value: number): void => {
      const input = document.querySelector<HTMLInputElement>(selector)!;
      input.value = String(value);
      for (const type of ['input', 'change']) input.dispatchEvent(new Event(type, { bubbles: true }));
    };
    press('#tape input[value=never]');
    fill('#tape input[type=range]', 3);
    press('#tape .numbers button:nth-of-type(4)');
    press('#window .skip');
    fill('#window .length', 7);
    fill('#window .start', 3);
    press('#hand-overs [data-gap="1.1"]');
    press('#hand-overs input[value="4"]');
    press('#hand-overs input[value=interleaved]');
    fill('#post .settings label:nth-of-type(2) input', 3);
    press('#seeds input[value=keras1]');
    fill('#seeds input[type=range]', 4);
    press('#clock .heads button:nth-child(2)');
    fill('#clock label:nth-child(1) input', 200);
    fill('#clock label:nth-child(2) input', 3);
    for (const [question, answer] of ['n', 'y', 'y', 'n'].entries())
      press(`#questions .question:nth-child(${question + 1}) input[value=${answer}]`);
    fill('#questions label:nth-child(2) input[type=number]', 50);
  });
  const names = ['tape', 'window', 'hand-overs', 'post', 'seeds', 'clock', 'questions'];
  await page.waitForFunction(
    (names) => names.every((name) => new URLSearchParams(location.hash.slice(1)).has(name)),
    {},
    names,
  );
  await scrollThrough(page);
  const left = await sight(page);
  expect(names.filter((name) => left[name] === first[name])).toEqual([]);
  await page.reload();
  await openStory(demo, await page.evaluate(() => location.hash));
  await scrollThrough(page);
  expect(await sight(page)).toEqual(left);
});

test.each([
  ['story', openStory],
  ['lab', openLab],
  ['voice', openVoice],
] as const)(
  '%s on a phone: nothing moves while it loads, nothing scrolls sideways, and nothing is too small to read or to press',
  async (_which, open) => {
    const { page } = demo;
    await page.setViewport(PHONE);
    const load = await measurePage(page);
    await open(demo);
    expect((await load.end()).layoutShift).toBeLessThan(0.01);
    await scrollThrough(page);
    expect(await smallOnPhone()).toEqual({ small: [], width: 390 });
    await page.setViewport({ ...PHONE, width: 360 });
    await page.waitForFunction(() => document.documentElement.scrollWidth === 360);
    expect(await smallOnPhone()).toEqual({ small: [], width: 360 });
  },
);
