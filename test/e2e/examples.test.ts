import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { browseBuild } from './browse-build.ts';

// The examples run in a page beside the built modules, whose names the page maps to their files.
const modules = { 'lstm-webgpu': './lstm-webgpu.js', 'lstm-webgpu/data': './lstm-webgpu-data.js' };
const page = `<!doctype html><link rel="icon" href="data:," />
<script type="importmap">${JSON.stringify({ imports: modules })}</script>`;

/** The examples for Node, which differ in where their WebGPU comes from, are run by the test of the package. */
const FOR_NODE = ['node', 'stream-node'];
const names = (await readdir('examples'))
  .map((file) => basename(file, '.mjs'))
  .filter((name) => !FOR_NODE.includes(name));
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

/** The words of each example that show what it has learned. */
const expected: Record<string, (lines: string) => void> = {
  forecast: (lines) => {
    const [ahead, naive] = numbersIn(lines, /hour ahead: error (\S+), naive (\S+)$/m);
    // Noise that is uniform within half a degree leaves an error of 0.25 to one who knows the curve itself.
    expect(ahead).toBeGreaterThan(0.2);
    expect(ahead).toBeLessThan(naive / 2);
    const [free, repeated] = numbersIn(lines, /two days on: error (\S+), naive (\S+)$/m);
    // Errors add up in a free run, but it must not lose the curve, which is what the naive forecast does.
    expect(free).toBeLessThan(0.75 * repeated);
  },
  'char-rnn': (lines) => {
    const [loss, bigrams] = numbersIn(lines, /surprise a character: (\S+), by the character before alone (\S+)$/m);
    // The language itself has 7.1 nats a sentence: two of 4 adjectives, two of 5 animals, one of 3 verbs.
    // Between them lies what it learned: words, and that sentences have an order.
    expect(loss).toBeLessThan(bigrams / 2);
  },
  classify: (lines) => {
    const [accuracy, guess] = numbersIn(lines, /accuracy (\S+) on unseen sequences, by guessing (\S+)$/m);
    expect(guess).toBeCloseTo(1 / 3, 2);
    // With 150 sequences the standard error of guessing is 0.04.
    expect(accuracy).toBeGreaterThan(0.8);
  },
  anomalies: (lines) => {
    const [found, all, byRange] = numbersIn(lines, /^found (\d+) of (\d+), by their range alone (\d+)$/m);
    expect(all).toBe(10);
    // The range tells of beats upside down, but not of the five that are missing.
    expect(byRange).toBeLessThanOrEqual(6);
    expect(found).toBeGreaterThanOrEqual(9);
    // The threshold is the largest error of some thousand normal windows, so hardly one of 60 new ones has a larger.
    const [wrong] = numbersIn(lines, /^false alarms (\d+) of 60$/m);
    expect(wrong).toBeLessThanOrEqual(3);
  },
  'sensor-stream': (lines) => {
    // Buttons pressed longer than a window ago decide half of what the windows leave to a guess, a quarter of the readings.
    const [right, byWindow] = numbersIn(lines, /right at (\S+) of the readings, by windows of ten alone (\S+)$/m);
    expect(right).toBeGreaterThan(byWindow + 0.1);
  },
  'stream-worker': (lines) => expect(lines).toBe('0 of 10000 answers are wrong'),
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
