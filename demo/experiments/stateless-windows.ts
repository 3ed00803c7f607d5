import { makeData } from './data.ts';
import type { Experiment } from './experiment.ts';
import { buildNetwork } from './network.ts';
import { postWindows, WINDOW_LENGTH, WINDOWS_PER_SEQUENCE } from './prepare-sequences.ts';
import { trainWithFit } from './train-with-fit.ts';
import { bestWithoutMemory, learnsWithoutMemory } from './without-memory.ts';

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
  async run(context) {
    const { train, test } = makeData(context.seed);
    const data = { train: postWindows(train), test: postWindows(test) };
    const model = await buildNetwork(context, { timesteps: WINDOW_LENGTH, stateful: false });
    const epochs = await trainWithFit(model, context, data);
    model.dispose();
    return { epochs, updates: epochs.length * data.train.x.shape[0] };
  },
  claims: (epochs) => learnsWithoutMemory(epochs, best),
};
