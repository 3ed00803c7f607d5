import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { browseBuild } from './browse-build.ts';

// The examples run in a page beside the built modules, whose names the page maps to their files.
const modules = { 'lstm-webgpu': './lstm-webgpu.js', 'lstm-webgpu/data': './lstm-webgpu-data.js' };
const page = `<!doctype html><link rel="icon" href="data:," />
<script type="importmap">${JSON.stringify({ imports: modules })}</script>`;

/** The example for Node, which differs in where its WebGPU comes from, is run by the test of the package. */
const FOR_NODE = 'node';
const names = (await readdir('examples')).map((file) => basename(file, '.mjs')).filter((name) => name !== FOR_NODE);
const scripts = await Promise.all(
  names.map(async (name) => [`${name}.js`, await readFile(`examples/${name}.mjs`, 'utf8')] as const),
);
const built = browseBuild({ 'index.html': page, ...Object.fromEntries(scripts) });

/** The lines that an example writes to the console, from its beginning to its end. */
async function linesOf(name: string): Promise<string> {
  const tab = await built.browser.newPage();
  const written: string[] = [];
  tab.on('console', (message) => written.push(message.text()));
  await tab.goto(built.url);
  const begun = performance.now();
  await tab.evaluate(`import('./${name}.js').then(() => {})`);
  await tab.close();
  console.log(`${name}, ${((performance.now() - begun) / 1000).toFixed(1)} s:\n${written.join('\n')}`);
  return written.join('\n');
}

/** The numbers of the line that matches. */
function numbersIn(lines: string, line: RegExp): number[] {
  const [, ...numbers] = line.exec(lines) ?? [];
  expect(numbers).not.toEqual([]);
  return numbers.map(Number);
}

/** What each example must have learned. */
const expected: Record<string, (lines: string) => void> = {
  'char-rnn': (lines) => {
    const [loss, bigrams] = numbersIn(lines, /surprise a character: (\S+), by the character before alone (\S+)$/m);
    // The language itself has 7.1 nats a sentence: two of 4 adjectives, two of 5 animals, one of 3 verbs.
    // Between them lies what it learned: words, and that sentences have an order.
    expect(loss).toBeLessThan(bigrams / 2);
  },
  'sensor-stream': (lines) => {
    // Buttons pressed longer than a window ago decide half of what the windows leave to a guess, a quarter of the readings.
    const [right, byWindow] = numbersIn(lines, /right at (\S+) of the readings, by windows of ten alone (\S+)$/m);
    expect(right).toBeGreaterThan(byWindow + 0.1);
  },
};

test('each example is tested, and has less than 60 lines', () => {
  expect(Object.keys(expected).toSorted()).toEqual(names.toSorted());
  for (const [, text] of scripts) expect(text.split('\n').length).toBeLessThanOrEqual(60);
});

test.each(names)('%s learns, and says so', async (name) => {
  const lines = await linesOf(name);
  expect(lines).not.toMatch(/NaN|undefined|Infinity/);
  expected[name](lines);
});
