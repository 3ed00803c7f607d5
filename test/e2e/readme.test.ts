import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from 'vite';
import { launchBrowser } from '../../headless/launch-browser.ts';
import { type FolderServer, serveFolder } from './serve-folder.ts';

/** The programs of a document: a block of JavaScript with imports begins one, and those without continue it. */
function programsOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code);
  return blocks.reduce<string[]>((programs, code) => {
    if (/^import /m.test(code)) return [...programs, code];
    return [...programs.slice(0, -1), `${programs.at(-1) ?? ''}\n${code}`];
  }, []);
}

/** What the comments behind calls of `console.log` say that these write. */
const promisedBy = (code: string) =>
  [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, output]) => output);

const programs = programsOf(await readFile('README.md', 'utf8'));
let folder: string;
let server: FolderServer;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readme-'));
  await build({ logLevel: 'error', build: { outDir: folder } });
  await writeFile(join(folder, 'index.html'), '<!doctype html><link rel="icon" href="data:," />');
  await Promise.all(programs.map((code, index) => writeFile(join(folder, `${index}.js`), code)));
  server = await serveFolder(folder);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

test('README.md has three programs', () => expect(programs).toHaveLength(3));

test.each(programs.map((code, index) => ({ code, index })))(
  'program $index of README.md runs beside the built module, and writes what it says',
  async ({ code, index }) => {
    const page = await browser.newPage();
    const written: string[] = [];
    page.on('console', (message) => written.push(message.text()));
    await page.goto(server.url);
    await page.evaluate(`import('./${index}.js').then(() => {})`);

    const promised = promisedBy(code);
    expect(promised).not.toEqual([]);
    expect(written.filter((line) => promised.includes(line))).toEqual(promised);
    expect(written.join('\n')).not.toMatch(/NaN|undefined|Infinity/);
    await page.close();
  },
);
