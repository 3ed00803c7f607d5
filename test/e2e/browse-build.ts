import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { afterAll, beforeAll, inject } from 'vitest';
import { launchBrowser } from '../../headless/launch-browser.ts';
import { NOT_CLAMPED } from '../harness/not-clamped.ts';
import { type FolderServer, serveFolder } from './serve-folder.ts';

/**
 * Before the tests of a file it serves both built modules with these files beside them, and opens a browser. After them all is
 * removed.
 *
 * @param args Chrome's arguments
 * @returns what the tests may read from then on
 */
export function browseBuild(
  files: Record<string, string | Uint8Array>,
  args: readonly string[] = [NOT_CLAMPED],
): {
  readonly browser: Browser;
  readonly url: string;
  readonly folder: string;
} {
  let folder: string;
  let server: FolderServer;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'build-'));
    await cp(inject('libraryFolder'), folder, { recursive: true });
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    server = await serveFolder(folder);
    browser = await launchBrowser({ args });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  return {
    get browser() {
      return browser;
    },
    get url() {
      return server.url;
    },
    get folder() {
      return folder;
    },
  };
}
