import { equals, inTheEnd } from '../judging/claims.ts';
import { SEQUENCE_LENGTH } from '../data/sequences.ts';
import type { Experiment } from '../experiment.ts';
import { figure } from '../words.ts';

export const statelessFull: Experiment = {
  id: 'stateless-full',
  title: 'Stateless, whole sequences',
  description:
    `The network sees each sequence of ${SEQUENCE_LENGTH} elements at once, so the first element is always in view. ` +
    `It has to carry that element over ${SEQUENCE_LENGTH - 1} zeros, and learns to.`,
  post: { text: 'accuracy > 0.99', accuracy: 0.99 },
  variants: [{ id: null, title: '', bound: { text: 'accuracy 1', accuracy: 1, testAccuracy: 1 } }],
  defaultEpochs: 5,
  claims(epochs) {
    const { accuracy, testAccuracy } = epochs[epochs.length - 1];
    return [inTheEnd(equals('accuracy', accuracy, 1)), inTheEnd(equals('test accuracy', testAccuracy, 1))];
  },
  finding: (epochs) =>
    `${figure(epochs[epochs.length - 1].testAccuracy)}: every sequence right, since its first element is in view.`,
};
