import type { Page } from 'puppeteer';

/** Rejects when a page crashed or its browser closed. */
export function whenGone(page: Page): Promise<never> {
  const gone = new Promise<never>((_resolve, reject) => {
    page.once('error', (cause) => reject(new Error('The page crashed.', { cause })));
    page.once('close', () => reject(new Error('The browser closed before the run was over.')));
  });
  // It may happen between two runs, when nobody waits for it.
  gone.catch(() => {});
  return gone;
}
