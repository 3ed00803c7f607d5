import { SEQUENCE_LENGTH } from '../data/sequences.ts';
import { bestWithoutMemory, fractionOf } from '../judging/best-without-memory.ts';
import type { Experiment } from '../experiment.ts';
import { boundWithoutMemory, findingWithoutMemory, learnsWithoutMemory } from '../judging/without-memory.ts';

const best = bestWithoutMemory(SEQUENCE_LENGTH);

export const statelessElements: Experiment = {
  id: 'stateless-elements',
  title: 'Stateless, one element at a time',
  description:
    'The same single elements to a network that forgets each one at once, so that it knows the answer for one element in ' +
    `${best.pieces}. It cannot get beyond an accuracy of ${fractionOf(best)}, however long it trains.`,
  post: { text: 'accuracy 0.5351, test accuracy 0.5250', accuracy: 0.535149991512, testAccuracy: 0.524999976158 },
  variants: [{ id: null, title: '', bound: boundWithoutMemory(best) }],
  defaultEpochs: 2,
  claims: (epochs) => learnsWithoutMemory(epochs, best),
  finding: (epochs) => findingWithoutMemory(epochs, best),
};
