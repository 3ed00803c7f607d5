import type { Page } from 'puppeteer';
import { launchBrowser } from './launch-browser.ts';
import { tellPhase } from './run-command.ts';
import { createProjectServer } from './server.ts';

/** Opens a page of the project in a browser for as long as `use` takes, and closes all that it started, whatever happens. */
export async function withPage<Result>(path: string, use: (page: Page) => Promise<Result>): Promise<Result> {
  const server = await createProjectServer();
  try {
    await server.listen();
    const browser = await launchBrowser({ onPhase: tellPhase });
    try {
      const page = await browser.newPage();
      await page.goto(new URL(path, server.resolvedUrls?.local[0]).href);
      return await use(page);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}
