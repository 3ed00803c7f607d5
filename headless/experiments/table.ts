import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Experiment, Result } from '../../demo/experiments/index.ts';
import { figure, speed, time, verdictWord } from '../../demo/experiments/words.ts';

/** The results beside the post's figures and the provable bounds; below it, why a verdict is no `pass`. */
export function resultsTable(results: readonly Result[]): string {
  const table = new Table({
    head: ['experiment', 'train', 'test', 'the post', 'provable', 'verdict', 'effort'],
    style: { head: [], border: [] },
    colWidths: [null, null, null, 23, 25, null, null],
    wordWrap: true,
  });
  table.push(...results.map(row));
  const remarks = results
    .filter((result) => verdictWord(result) !== 'pass')
    .map((result) => `${name(result)}\n  ${result.verdict}`);
  return [table.toString(), ...remarks].join('\n');
}

function row(result: Result): string[] {
  const { epochs, expected, seconds } = result;
  const last = epochs.at(-1);
  return [
    name(result).replace(' ', '\n'),
    last ? pair(last.loss, last.accuracy) : '',
    last ? pair(last.testLoss, last.testAccuracy) : '',
    expected.post.text,
    expected.bound.text,
    painted(verdictWord(result)),
    `${count(epochs.length)}${time(seconds)}\n${speed(result)}`,
  ];
}

function pair(loss: number, accuracy: number): string {
  return `loss ${figure(loss)}\nacc. ${figure(accuracy)}`;
}

function painted(word: string): string {
  if (!process.stdout.isTTY || !process.stdout.hasColors()) return word;
  return styleText(({ pass: 'green', fail: 'red' } as const)[word] ?? 'yellow', word);
}

function count(epochs: number): string {
  if (epochs === 0) return '';
  return epochs === 1 ? '1 epoch, ' : `${epochs} epochs, `;
}

function name({ id, variant }: Result): string {
  return variant === null ? id : `${id} ${variant}`;
}

/** What the verdicts and the seconds add up to; `wanted` is the number of runs asked for. */
export function summary(results: readonly Result[], wanted: number): string {
  const count = (word: string): number => results.filter((result) => verdictWord(result) === word).length;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const missing = wanted > results.length ? `, ${wanted - results.length} not run` : '';
  return `${count('pass')} pass, ${count('fail')} fail, ${count('shown')} shown${missing}; ${time(seconds)} in all`;
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
