import { SEQUENCE_LENGTH } from '../data/sequences.ts';
import type { Experiment } from '../experiment.ts';
import { WINDOW_LENGTH, WINDOWS_PER_SEQUENCE } from '../data/prepare-sequences.ts';

export const windows: Experiment = {
  id: 'windows',
  title: 'Cutting sequences into windows',
  description:
    `Every sequence of ${SEQUENCE_LENGTH} elements becomes ${WINDOWS_PER_SEQUENCE} overlapping windows of ${WINDOW_LENGTH}, ` +
    'each with the target of its sequence. ' +
    'Nothing is lost: the sequences can be put together again from their windows.',
  post: { text: '(11000, 10, 1) and (2200, 10, 1), reversible' },
  variants: [{ id: null, title: '', bound: { text: 'exact' } }],
  defaultEpochs: 0,
  finding: () =>
    'The windows have the shapes of the post, and put together again they are the sequences: nothing is lost.',
};
