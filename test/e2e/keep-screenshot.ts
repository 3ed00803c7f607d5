import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page, ScreenshotOptions } from 'puppeteer';
import { scrollThrough } from './page-probe.ts';

const FOLDER = join(import.meta.dirname, 'screenshots');

/** Whether screenshots are wanted, which take a second each and are compared with nothing. */
const IS_WANTED = Boolean(process.env.VITE_SCREENSHOTS);

/** Keeps a screenshot of a page, or of a part of it, to be looked at; where none is wanted it does nothing. */
export async function keepScreenshot(page: Page, name: string, part?: string): Promise<void> {
  if (!IS_WANTED) return;
  await mkdir(FOLDER, { recursive: true });
  const options: ScreenshotOptions & { path: `${string}.png` } = { path: `${join(FOLDER, name)}.png` };
  if (part !== undefined) return void (await (await page.$(part))!.screenshot(options));
  await scrollThrough(page);
  await page.screenshot({ ...options, fullPage: true });
}
