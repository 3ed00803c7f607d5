import type { Browser, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import { launchBrowser } from '../../headless/launch-browser.ts';
import { type FolderServer, serveFolder } from './serve-folder.ts';

/** The policy of a careful host: nothing is loaded from elsewhere, and nothing runs that stands inside a page. */
const POLICY = { 'content-security-policy': "default-src 'self'" };

/** The built pages of the demo, for the tests of a file: a fresh browser page a test, which fails if its page complains. */
export interface DemoPages {
  /** The address of the story, with a slash at its end. */
  readonly url: string;
  readonly page: Page;
  /** Lets the page of this test complain in such words. */
  expectComplaints(words: RegExp): void;
}

export function openDemoPages(): DemoPages {
  let server: FolderServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let expected: RegExp | undefined;

  beforeAll(async () => {
    // Not at the root of the site: all addresses in the built pages must be relative.
    server = await serveFolder(inject('demoFolder'), '/some/where/', POLICY);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
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
  };
}
