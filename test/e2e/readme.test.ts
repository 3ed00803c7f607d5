import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { browseBuild } from './browse-build.ts';

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
const scripts = Object.fromEntries(programs.map((code, index) => [`${index}.js`, code]));
const built = browseBuild({ 'index.html': '<!doctype html><link rel="icon" href="data:," />', ...scripts });

test('README.md has three programs', () => expect(programs).toHaveLength(3));

test.each(programs.map((code, index) => ({ code, index })))(
  'program $index of README.md runs beside the built module, and writes what it says',
  async ({ code, index }) => {
    const page = await built.browser.newPage();
    const written: string[] = [];
    page.on('console', (message) => written.push(message.text()));
    await page.goto(built.url);
    await page.evaluate(`import('./${index}.js').then(() => {})`);

    const promised = promisedBy(code);
    expect(promised).not.toEqual([]);
    expect(written.filter((line) => promised.includes(line))).toEqual(promised);
    expect(written.join('\n')).not.toMatch(/NaN|undefined|Infinity/);
    await page.close();
  },
);
