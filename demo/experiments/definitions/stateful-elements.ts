import { equals, inTheEnd } from '../judging/claims.ts';
import type { Experiment } from '../experiment.ts';
import { figure } from '../words.ts';

export const statefulElements: Experiment = {
  id: 'stateful-elements',
  title: 'Stateful, one element at a time',
  description:
    'The network sees a single element at a time and must remember the first one until its sequence is over. ' +
    'Its states are reset by hand after each sequence, and that solves the task.',
  post: { text: 'accuracy 1.0, test accuracy 1.0', accuracy: 1, testAccuracy: 1 },
  variants: [{ id: null, title: '', bound: { text: 'test accuracy 1', testAccuracy: 1 } }],
  defaultEpochs: 2,
  claims: (epochs) => [inTheEnd(equals('test accuracy', epochs[epochs.length - 1].testAccuracy, 1))],
  finding: (epochs) =>
    `${figure(epochs[epochs.length - 1].testAccuracy)}: every element right, the last of a sequence too.`,
};
