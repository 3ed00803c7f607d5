import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Experiment, Result } from '../../demo/experiments/index.ts';
import { counted, figure, speed, time, verdictWord } from '../../demo/experiments/words.ts';

/**
 * The results beside the post's figures and the provable bounds, and what each came to in a sentence: as a table where it fits
 * into the columns of the terminal, and otherwise as a block of lines for each result.
 */
export function resultsTable(results: readonly Result[], columns: number): string {
  const table = tableOf(results);
  if (table.indexOf('\n') > columns) return results.map((result) => `${block(result, columns)}\n`).join('\n');
  const sentences = results.map((result) => `${name(result)}\n${wrapped(result.sentence, columns, '  ', '  ')}`);
  return [table, ...sentences].join('\n');
}

/** The columns of the output: of a terminal, or where there is none as many as the environment variable COLUMNS says. */
export function outputColumns(terminal: number | undefined, variable: string | undefined): number {
  if (terminal !== undefined) return terminal;
  const columns = Number(variable);
  return Number.isInteger(columns) && columns > 0 ? columns : Infinity;
}

function tableOf(results: readonly Result[]): string {
  const table = new Table({
    head: ['experiment', 'train', 'test', 'the post', 'provable', 'verdict', 'time'],
    style: { head: [], border: [] },
    colWidths: [null, null, null, 23, 25, null, null],
    wordWrap: true,
  });
  for (const result of results) {
    const { train, test, post, provable, effort } = parts(result);
    const verdict = painted(verdictWord(result));
    table.push([name(result).replace(' ', '\n'), lines(train), lines(test), post, provable, verdict, lines(effort)]);
  }
  return table.toString();
}

function block(result: Result, columns: number): string {
  const { train, test, post, provable, effort } = parts(result);
  const word = verdictWord(result);
  const rows = Object.entries({
    train: train.join(', '),
    test: test.join(', '),
    'the post': post,
    provable,
    verdict: `${word}. ${result.sentence}`,
    time: effort.join(', '),
  });
  const width = Math.max(...rows.map(([title]) => title.length));
  const texts = rows
    .filter(([, text]) => text !== '')
    .map(([title, text]) => wrapped(text, columns, `  ${title.padEnd(width)}  `, ' '.repeat(width + 4)));
  return [name(result), ...texts].join('\n').replace(`  ${word}. `, `  ${painted(word)}. `);
}

/** The texts that tell of a result; a list where a table breaks the line. */
function parts({ epochs, expected, seconds, updates }: Result) {
  const last = epochs.at(-1);
  const training = last ? `${counted(epochs.length, 'epoch')}, ` : '';
  return {
    train: last ? pair(last.loss, last.accuracy) : [],
    test: last ? pair(last.testLoss, last.testAccuracy) : [],
    post: expected.post.text,
    provable: expected.bound.text,
    effort: [`${training}${time(seconds)}`, ...(updates === 0 ? [] : [speed({ updates, seconds })])],
  };
}

function pair(loss: number, accuracy: number): string[] {
  return [`loss ${figure(loss)}`, `accuracy ${figure(accuracy)}`];
}

function lines(texts: readonly string[]): string {
  return texts.join('\n');
}

/** Breaks a text between words into lines of `columns` at the most, unless a word is longer. */
function wrapped(text: string, columns: number, firstIndent: string, indent: string): string {
  const [first, ...words] = text.split(' ');
  const broken = [firstIndent + first];
  for (const word of words) {
    const line = `${broken[broken.length - 1]} ${word}`;
    if (line.length > columns) broken.push(indent + word);
    else broken[broken.length - 1] = line;
  }
  return broken.join('\n');
}

function painted(word: string): string {
  if (!process.stdout.isTTY || !process.stdout.hasColors()) return word;
  return styleText(({ pass: 'green', fail: 'red' } as const)[word] ?? 'yellow', word);
}

function name({ id, variant }: Result): string {
  return variant === null ? id : `${id} ${variant}`;
}

/** Adds up the verdicts and the seconds; `wanted` is the number of runs asked for. */
export function summary(results: readonly Result[], wanted: number): string {
  const count = (word: string): number => results.filter((result) => verdictWord(result) === word).length;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const [unjudged, unfinished] = [count('not judged'), wanted - results.length];
  return [
    `${count('pass')} pass, ${count('fail')} fail`,
    ...(unjudged > 0 ? [`, ${unjudged} not judged`] : []),
    ...(unfinished > 0 ? [`, ${unfinished} not finished`] : []),
    `; ${time(seconds)} in all`,
  ].join('');
}

/** 1 if a verdict is `fail`. */
export function exitCode(results: readonly Result[]): 0 | 1 {
  return results.some((result) => verdictWord(result) === 'fail') ? 1 : 0;
}

/** The experiments and their variants, a line each. */
export function list(experiments: readonly Experiment[]): string {
  const lines = experiments.flatMap(({ id, title, variants }) => [
    `${id.padEnd(20)} ${title}`,
    ...variants.flatMap((variant) => (variant.id === null ? [] : [`  ${variant.id.padEnd(18)} ${variant.title}`])),
  ]);
  return lines.join('\n');
}
