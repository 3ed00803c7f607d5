import type { TableContents } from '../../page/table-twin.ts';
import { type Accuracies, RACE_EPOCHS, RACERS, ROWS, SEQUENCES } from './data.ts';

/** Says which of the sequences take part. */
export function sequencesWords(): string {
  const { trained, tested } = SEQUENCES;
  return (
    `Both train on the first ${trained.used} of the ${trained.all.toLocaleString('en')} sequences and are tested on the ` +
    `first ${tested.used} of the other ${tested.all}: only those make up whole groups of ${ROWS}.`
  );
}

/** How far both have come; nothing before the first epoch is over. */
export function resultOf(accuracies: Accuracies): string {
  const texts = RACERS.flatMap(({ id, name }) => {
    const last = accuracies[id].at(-1);
    return last === undefined ? [] : [`${name} ${last.toFixed(4)} after epoch ${accuracies[id].length}`];
  });
  return texts.length === 0 ? '' : `Right on the test half: ${texts.join(', ')}.`;
}

/** The race as a table, a row an epoch. */
export function tableOf(accuracies: Accuracies): TableContents {
  return {
    columns: ['Epoch', ...RACERS.map(({ name }) => name)],
    rows: Array.from({ length: RACE_EPOCHS }, (_, epoch) => [
      epoch + 1,
      ...RACERS.map(({ id }) => accuracies[id][epoch]?.toFixed(4) ?? '–'),
    ]),
  };
}
