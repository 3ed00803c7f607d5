import { bestWithoutMemory } from '../judging/best-without-memory.ts';
import { equals, inTheEnd } from '../judging/claims.ts';
import type { Experiment } from '../experiment.ts';
import { WINDOWS_PER_SEQUENCE } from '../data/prepare-sequences.ts';
import { ROUNDING } from '../judging/without-memory.ts';
import { figure } from '../words.ts';

export const statefulWindows: Experiment = {
  id: 'stateful-windows',
  title: 'Stateful, windows',
  description:
    'The same windows, one after the other, to a network that remembers but is not told where a new sequence begins. ' +
    'The post finds that this does not help at all; with a reset at each new sequence it does.',
  post: {
    text: 'test accuracy 0.5000, test loss 0.7046',
    loss: 0.6964,
    accuracy: 0.5222,
    testLoss: 0.7046,
    testAccuracy: 0.5,
  },
  // Without resets the task can still be solved, by counting the 110 steps since the last one; some seeds find that out.
  variants: [
    {
      id: 'keras1',
      title: 'with the settings of 2016, no resets',
      bound: { text: 'no bound: most seeds stay near 0.5' },
    },
    {
      id: 'keras3',
      title: 'with the settings of today, no resets',
      bound: { text: 'no bound: most seeds reach about 0.9' },
    },
    {
      id: 'keras3-reset',
      title: 'with the settings of today, a reset at each new sequence',
      bound: { text: 'test accuracy 1', testAccuracy: 1 },
    },
  ],
  defaultEpochs: 15,
  claims(epochs, variant) {
    if (variant !== 'keras3-reset') return [];
    return [inTheEnd(equals('test accuracy', epochs[epochs.length - 1].testAccuracy, 1))];
  },
  finding(epochs, variant) {
    const { testAccuracy } = epochs[epochs.length - 1];
    if (variant === 'keras3-reset')
      return `${figure(testAccuracy)}: every window right. The reset at each new sequence was all that it lacked.`;
    const { accuracy } = bestWithoutMemory(WINDOWS_PER_SEQUENCE);
    const compared =
      testAccuracy > accuracy + ROUNDING
        ? `more than any network without memory, which reaches ${figure(accuracy)} at best`
        : `no more than a network without memory reaches, which is ${figure(accuracy)} at best`;
    return `${figure(testAccuracy)}: ${compared}. With other seeds it may be otherwise.`;
  },
};
