import { bestWithoutMemory } from './best-without-memory.ts';
import type { Experiment } from './experiment.ts';
import { WINDOWS_PER_SEQUENCE } from './prepare-sequences.ts';
import { findingWithoutMemory, learnsWithoutMemory } from './without-memory.ts';

const best = bestWithoutMemory(WINDOWS_PER_SEQUENCE);

export const statelessWindows: Experiment = {
  id: 'stateless-windows',
  title: 'Stateless, windows',
  description:
    'Of the 11 windows of a sequence only the first shows the element that decides, and the network forgets between windows. ' +
    'It can only guess for the other ten: no training gets it beyond an accuracy of 6/11.',
  post: {
    text: 'test accuracy 0.5455, test loss 0.6606',
    loss: 0.6623,
    accuracy: 0.5343,
    testLoss: 0.6606,
    testAccuracy: 0.5455,
  },
  variants: [
    {
      id: null,
      title: '',
      bound: { text: 'test accuracy ≤ 6/11, test loss ≥ 0.660558', testLoss: best.loss, testAccuracy: best.accuracy },
    },
  ],
  defaultEpochs: 15,
  claims: (epochs) => learnsWithoutMemory(epochs, best),
  finding: (epochs) => findingWithoutMemory(epochs, best),
};
