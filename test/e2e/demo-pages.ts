import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { launchBrowser } from '../../headless/launch-browser.ts';
import { type FolderServer, serveFolder } from './serve-folder.ts';

/** What a careful host sends: nothing is loaded from elsewhere, and nothing runs that stands inside a page. */
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
  let folder: string;
  let server: FolderServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let expected: RegExp | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-'));
    await build({ configFile: 'demo/vite.config.ts', logLevel: 'error', build: { outDir: folder } });
    // Not at the root of the site: all addresses in the built pages must be relative.
    server = await serveFolder(folder, '/some/where/', POLICY);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
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
