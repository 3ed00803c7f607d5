import { TEST_SEQUENCES, TRAIN_SEQUENCES } from '../../experiments/data.ts';
import { WINDOWS_PER_SEQUENCE } from '../../experiments/prepare-sequences.ts';

/** A row for each window of a sequence, so that a batch is one sequence, or one window of so many sequences. */
export const ROWS = WINDOWS_PER_SEQUENCE;

/** As many sequences as make up whole groups of a batch; the last few of a half are left out. */
export function inWholeGroups(sequences: number): number {
  return sequences - (sequences % ROWS);
}

/** Which of the sequences take part, in a sentence. */
export function sequencesWords(): string {
  const [trained, tested] = [TRAIN_SEQUENCES, TEST_SEQUENCES].map(inWholeGroups);
  return (
    `Both train on the first ${trained} of the ${TRAIN_SEQUENCES.toLocaleString('en')} sequences and are tested on the ` +
    `first ${tested} of the other ${TEST_SEQUENCES}: only those make up whole groups of ${ROWS}.`
  );
}
