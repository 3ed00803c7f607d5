import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const sources = ['src', 'demo', 'headless', 'packaging'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|wgsl|css)$/.test(path))
    .map((path) => join(folder, path)),
);

/** The widest line: as wide as the longest comments, and a little wider than what Prettier makes of code. */
const MAX_COLUMNS = 128;

/** The rules for the lines of a file, each with the lines that it finds at fault. */
const RULES: Record<string, (lines: readonly string[]) => string[]> = {
  'are at most 128 columns wide': (lines) => lines.filter((line) => line.length > MAX_COLUMNS),
  // A comment that begins with one of these words only continues the name that it describes.
  'have comments that do not begin with "Of", "And" or "What"': (lines) =>
    lines.filter((line, index) => startsComment(lines, index) && /^\s*(\/\*\*?|\/\/|\*) (Of|And|What)\b/.test(line)),
};

/** Whether a comment begins at this line, or one of its paragraphs, and not another line of a sentence. */
function startsComment(lines: readonly string[], index: number): boolean {
  const isComment = (line: string) => /^\s*(\*|\/\/) \S/.test(line);
  return !isComment(lines[index]) || !isComment(lines[index - 1] ?? '');
}

test.each(Object.entries(RULES))('all lines of the source %s', (_, atFault) => {
  const faults = sources.flatMap((path) =>
    atFault(readFileSync(path, 'utf8').split('\n')).map((line) => `${path}: ${line.trim()}`),
  );
  expect(faults).toEqual([]);
});

test.each([
  ['are at most 128 columns wide', ['// '.padEnd(129, 'x')]],
  ['have comments that do not begin with "Of", "And" or "What"', ['  /** Of the first element. */']],
  ['have comments that do not begin with "Of", "And" or "What"', ['/**', ' * And back.', ' */']],
  ['have comments that do not begin with "Of", "And" or "What"', ['  /** What it is made for. */']],
  ['have comments that do not begin with "Of", "And" or "What"', ['let a = 1;', '// Of all adapters.']],
])('the rule that lines %s finds a line that breaks it: %j', (rule, lines) => {
  expect(RULES[rule](lines)).toHaveLength(1);
});

test('a sentence may continue with one of these words at the beginning of a line', () => {
  const lines = ['// The device is one', '// Of two.', '/**', ' * The device is one', ' * And only.', ' */'];
  expect(RULES['have comments that do not begin with "Of", "And" or "What"'](lines)).toEqual([]);
});
