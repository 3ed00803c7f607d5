import { TEST_SEQUENCES, TRAIN_SEQUENCES } from '../../experiments/data/sequences.ts';
import { WINDOWS_PER_SEQUENCE } from '../../experiments/data/prepare-sequences.ts';

export const RACE_EPOCHS = 5;

/** Those that take part in the race, in the order of the legend. */
export const RACERS = [
  { id: 'in-order', name: 'in order' },
  { id: 'interleaved', name: 'interleaved' },
] as const;

/** Test accuracies after each epoch so far. */
export type Accuracies = Readonly<Record<(typeof RACERS)[number]['id'], readonly number[]>>;

/** A row for each window of a sequence, so that a batch is one sequence, or one window of so many sequences. */
export const ROWS = WINDOWS_PER_SEQUENCE;

/** As many sequences as make up whole groups of a batch; the last few of a half are left out. */
export function inWholeGroups(sequences: number): number {
  return sequences - (sequences % ROWS);
}

/** How many sequences of each half take part, and of how many. */
export const SEQUENCES = {
  trained: { all: TRAIN_SEQUENCES, used: inWholeGroups(TRAIN_SEQUENCES) },
  tested: { all: TEST_SEQUENCES, used: inWholeGroups(TEST_SEQUENCES) },
};
