import type { Progress, Result } from '../../experiments/index.ts';
import { counted, figure, speed, time, verdictWord } from '../../experiments/words.ts';
import type { TableContents } from '../../page/table-twin.ts';
import { runId, type Run } from './data.ts';

/** A sign before a verdict, so that its colour is not all that tells. */
const SIGNS: Record<string, string> = { pass: '✓', fail: '✗', 'not judged': '○' };

export function signOf(result: Result): string {
  return SIGNS[verdictWord(result)];
}

/** The name of a run: `Stateful, windows, with the settings of 2016, no resets`. */
export function nameOf({ experiment, variant }: Run): string {
  return variant.title === '' ? experiment.title : `${experiment.title}, ${variant.title}`;
}

/** The epoch that is trained: `epoch 3 of 15`. */
export function doing({ epoch, epochs }: Pick<Progress, 'epoch' | 'epochs'>): string {
  return `epoch ${Math.min(epoch + 1, epochs)} of ${epochs}`;
}

/** How long training took: `15 epochs in 3.2 s, 51,000 updates/s`; nothing where nothing was trained. */
export function effort({ epochs, updates, seconds }: Result): string {
  if (epochs.length === 0) return '';
  return `${counted(epochs.length, 'epoch')} in ${time(seconds)}, ${speed({ updates, seconds })}`;
}

const COLUMNS = [
  'Experiment',
  'Training loss',
  'Training accuracy',
  'Test loss',
  'Test accuracy',
  'The post',
  'Provable',
  'In a sentence',
  'Took',
];

/** All runs as a table: with what is expected of each from the start, and in time with what it came to. */
export function tableOf(runs: readonly Run[], results: ReadonlyMap<string, Result>): TableContents {
  const rows = runs.map((run) => {
    const { experiment, variant } = run;
    const result = results.get(runId({ id: experiment.id, variant: variant.id }));
    const last = result?.epochs.at(-1);
    const figures = last ? [last.loss, last.accuracy, last.testLoss, last.testAccuracy].map(figure) : ['', '', '', ''];
    const outcome = result ? [result.sentence, effort(result)] : ['', ''];
    return [nameOf(run), ...figures, experiment.post.text, variant.bound.text, ...outcome];
  });
  return { columns: COLUMNS, rows };
}
