import { bestWithoutMemory, fractionOf } from '../judging/best-without-memory.ts';
import type { Experiment } from '../experiment.ts';
import { WINDOWS_PER_SEQUENCE } from '../data/prepare-sequences.ts';
import { boundWithoutMemory, findingWithoutMemory, learnsWithoutMemory } from '../judging/without-memory.ts';

const best = bestWithoutMemory(WINDOWS_PER_SEQUENCE);

export const statelessWindows: Experiment = {
  id: 'stateless-windows',
  title: 'Stateless, windows',
  description:
    `Of the ${WINDOWS_PER_SEQUENCE} windows of a sequence only the first shows the element that decides, and the network ` +
    `forgets between windows. It can only guess for the other ${WINDOWS_PER_SEQUENCE - 1}: no training gets it beyond an ` +
    `accuracy of ${fractionOf(best)}.`,
  post: {
    text: 'test accuracy 0.5455, test loss 0.6606',
    loss: 0.6623,
    accuracy: 0.5343,
    testLoss: 0.6606,
    testAccuracy: 0.5455,
  },
  variants: [{ id: null, title: '', bound: boundWithoutMemory(best) }],
  defaultEpochs: 15,
  claims: (epochs) => learnsWithoutMemory(epochs, best),
  finding: (epochs) => findingWithoutMemory(epochs, best),
};
