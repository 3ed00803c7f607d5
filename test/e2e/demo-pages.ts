import type { Browser, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import { launchBrowser } from '../../headless/launch-browser.ts';
import { NOT_CLAMPED } from '../harness/not-clamped.ts';
import { type FolderServer, serveFolder } from './serve-folder.ts';

/** The policy of a careful host: nothing is loaded from elsewhere, and nothing runs that stands inside a page. */
const POLICY = "default-src 'self'";

/** The built pages of the demo, for the tests of a file: a fresh browser page a test, which fails if its page complains. */
export interface DemoPages {
  /** The address of the story, with a slash at its end. */
  readonly url: string;
  readonly page: Page;
  /** Lets the page of this test complain in such words. */
  expectComplaints(words: RegExp): void;
  text(selector: string): Promise<string>;
  /** Waits until the text of an element, which may come later, has these words in it, or is like this. */
  waitForText(selector: string, words: string | RegExp): Promise<unknown>;
  isVisible(selector: string): Promise<boolean>;
  isDisabled(selector: string): Promise<boolean>;
}

/**
 * @param shared whose browser is taken, if the tests have one already
 * @param policy the Content-Security-Policy that comes with every file
 */
export function openDemoPages(shared?: { readonly browser: Browser }, policy = POLICY): DemoPages {
  let server: FolderServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let expected: RegExp | undefined;

  beforeAll(async () => {
    // Not at the root of the site: all addresses in the built pages must be relative.
    server = await serveFolder(inject('demoFolder'), '/some/where/', { 'content-security-policy': policy });
    browser = shared ? shared.browser : await launchBrowser({ args: [NOT_CLAMPED] });
  });

  afterAll(async () => {
    if (!shared) await browser?.close();
    await server?.close();
  });

  beforeEach(async () => {
    complaints = [];
    expected = undefined;
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url)) complaints.push(`asks for ${request.url()}`);
    });
    page.on('response', (response) => {
      if (!response.ok()) complaints.push(`${response.status()} ${response.url()}`);
    });
  });

  afterEach(async () => {
    await page.close();
    const unexpected = complaints.filter((complaint) => !expected?.test(complaint));
    if (unexpected.length > 0) throw new Error(`The page complained:\n${unexpected.join('\n')}`);
  });

  return {
    get url() {
      return server.url;
    },
    get page() {
      return page;
    },
    expectComplaints: (words) => void (expected = words),
    text: (selector) => page.$eval(selector, (element) => element.textContent),
    waitForText(selector, words) {
      const isLike = (selector: string, source: string, flags: string): boolean =>
        new RegExp(source, flags).test(document.querySelector(selector)?.textContent ?? '');
      const has = (selector: string, words: string): boolean =>
        document.querySelector(selector)?.textContent.includes(words) ?? false;
      if (typeof words === 'string') return page.waitForFunction(has, {}, selector, words);
      return page.waitForFunction(isLike, {}, selector, words.source, words.flags);
    },
    isVisible: (selector) => page.$eval(selector, (element) => element.checkVisibility()),
    isDisabled: (selector) => page.$eval(selector, (element) => element.matches(':disabled')),
  };
}
