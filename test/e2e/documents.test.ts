import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { browseBuild } from './browse-build.ts';

interface Program {
  name: string;
  code: string;
}

/** The blocks of code of a document, with the language that each names. */
function blocksOf(markdown: string): { language: string; code: string }[] {
  return [...markdown.matchAll(/^ *```(.*)\n([^]*?)^ *```$/gm)].map(([, language, code]) => ({ language, code }));
}

/** The programs of a document: a block of JavaScript with imports begins one, and those without continue it. */
function programsOf(name: string, markdown: string): Program[] {
  const scripts = blocksOf(markdown).filter(({ language }) => language === 'js');
  const programs = scripts.reduce<string[]>((programs, { code }) => {
    if (/^import /m.test(code)) return [...programs, code];
    return [...programs.slice(0, -1), `${programs.at(-1) ?? ''}\n${code}`];
  }, []);
  return programs.map((code, index) => ({ name: `${name} ${index + 1}`, code }));
}

/** The lines that calls of `console.log` write, as the comments behind them say. */
const promisedBy = (code: string) =>
  [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, output]) => output);

const guides = (await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
const names = ['README.md', 'FEATURES.md', ...guides];
const documents = await Promise.all(names.map(async (name) => ({ name, text: await readFile(name, 'utf8') })));
const programs = documents.flatMap(({ name, text }) => programsOf(name, text));
const scripts = Object.fromEntries(programs.map(({ code }, index) => [`${index}.js`, code]));

/** The files that programs load, by their names there, and the recorded files that they are. */
const RECORDED = {
  'model.keras': 'keras3_post_model.keras',
  'model.safetensors': 'torch_program.safetensors',
  'model.json': 'tfjs_float32.model.json',
  'tfjs_float32.group1-shard1of2.bin': 'tfjs_float32.group1-shard1of2.bin',
  'tfjs_float32.group1-shard2of2.bin': 'tfjs_float32.group1-shard2of2.bin',
};
const recorded = await Promise.all(
  Object.entries(RECORDED).map(
    async ([name, file]) => [name, await readFile(join('test/golden/files', file))] as const,
  ),
);

/** The packages that formats load by name: a page maps these to files of its own. */
const PACKAGES = {
  'fflate.js': 'fflate/esm/browser.js',
  'h5wasm.js': 'h5wasm/dist/esm/hdf5_hl.js',
  'hdf5_util.js': 'h5wasm/dist/esm/hdf5_util.js',
  'file_handlers.js': 'h5wasm/dist/esm/file_handlers.js',
};
const packages = await Promise.all(
  Object.entries(PACKAGES).map(async ([name, file]) => [name, await readFile(join('node_modules', file))] as const),
);
const imports = { fflate: './fflate.js', h5wasm: './h5wasm.js' };
const built = browseBuild({
  ...Object.fromEntries([...recorded, ...packages]),
  'index.html': `<!doctype html><link rel="icon" href="data:," />
<script type="importmap">${JSON.stringify({ imports })}</script>`,
  ...scripts,
});

test('README.md has four programs', () => {
  expect(programs.filter(({ name }) => name.startsWith('README.md'))).toHaveLength(4);
});

test.each(documents)('$name has no code that is not run: JavaScript alone names its language', ({ text }) => {
  const languages = new Set(blocksOf(text).map(({ language }) => language));
  expect([...languages].filter((language) => !['js', ''].includes(language))).toEqual([]);
});

test.each(documents)('$name names scripts of npm that there are', async ({ text }) => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
  const named = [...text.matchAll(/npm run ([\w:-]*\w)/g)].map(([, script]) => script);
  expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
});

test.each(programs.map((program, index) => ({ ...program, index })))(
  'program $name runs beside the built module, and writes what it says',
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
