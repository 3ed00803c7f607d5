import { defineBrowserProvider } from '@vitest/browser';
import type { Browser } from 'puppeteer';
import { launchBrowser } from '../../headless/launch-browser.ts';

/** Runs Vitest's browser tests in the headless Chrome that the project's other commands use too. */
export function puppeteerProvider() {
  return defineBrowserProvider({
    name: 'puppeteer',
    providerFactory(project) {
      let browser: Browser | undefined;
      return {
        name: 'puppeteer',
        // Two test files on one GPU would disturb each other's timings and memory.
        supportsParallelism: false,
        getCommandsContext: () => ({}),
        async openPage(_sessionId, url) {
          browser ??= await launchBrowser();
          const page = await browser.newPage();
          page.on('error', (crash) => project.vitest.state.catchError(crash, 'Page Crash'));
          page.on('console', (message) => {
            // What tests print reaches Vitest by itself; Chrome's own messages, which have no arguments, do not.
            if (message.type() === 'error' && message.args().length === 0) console.error(`Chrome: ${message.text()}`);
          });
          await page.goto(url, { timeout: 0 });
        },
        async close() {
          await browser?.close();
        },
      };
    },
  });
}
