import { defineBrowserProvider } from '@vitest/browser';
import type { Browser } from 'puppeteer';
import { launchBrowser, usesSoftwareAdapter } from '../../headless/launch-browser.ts';

/**
 * Runs Vitest's browser tests in the headless Chrome that the project's other commands use too. On a software adapter each
 * of Vitest's workers has a browser of its own: the pages of one browser share its GPU process, which compiles shaders on
 * little more than one core.
 *
 * @param args arguments for Chrome besides the usual ones
 */
export function puppeteerProvider(...args: string[]) {
  return defineBrowserProvider({
    name: 'puppeteer',
    providerFactory(project) {
      const browsers: Browser[] = [];
      // One after the other: the first may have to unpack Chrome, which the next ones then find.
      let launch: Promise<unknown> = Promise.resolve();
      return {
        name: 'puppeteer',
        // Two test files on one GPU would disturb each other's timings and memory.
        supportsParallelism: usesSoftwareAdapter(),
        getCommandsContext: () => ({}),
        async openPage(_sessionId, url) {
          const launched = launch.then(() => launchBrowser({ args }));
          launch = launched.catch(() => {});
          const browser = await launched;
          browsers.push(browser);
          const page = await browser.newPage();
          page.on('error', (crash) => project.vitest.state.catchError(crash, 'Page Crash'));
          page.on('console', (message) => {
            // What tests print reaches Vitest by itself; Chrome's own messages, which have no arguments, do not.
            if (message.type() === 'error' && message.args().length === 0) console.error(`Chrome: ${message.text()}`);
          });
          await page.goto(url, { timeout: 0 });
        },
        async close() {
          await Promise.all(browsers.map((browser) => browser.close()));
        },
      };
    },
  });
}
