import { equals, inTheEnd } from './claims.ts';
import { makeData, wholeSequences } from './data.ts';
import type { Experiment } from './experiment.ts';
import { buildNetwork } from './network.ts';
import { trainWithFit } from './train-with-fit.ts';

const TIMESTEPS = 20;

export const statelessFull: Experiment = {
  id: 'stateless-full',
  title: 'Stateless, whole sequences',
  description:
    'The network sees each sequence of 20 elements at once, so the first element is always in view. ' +
    'It has to carry that element over 19 zeros, and learns to.',
  post: { text: 'accuracy > 0.99', accuracy: 0.99 },
  variants: [{ id: null, title: '', bound: { text: 'accuracy 1', accuracy: 1, testAccuracy: 1 } }],
  defaultEpochs: 5,
  async run(context) {
    const { train, test } = makeData(context.seed);
    const model = await buildNetwork(context, { timesteps: TIMESTEPS, stateful: false });
    const epochs = await trainWithFit(model, context, { train: wholeSequences(train), test: wholeSequences(test) });
    model.dispose();
    return { epochs, updates: epochs.length * train.x.shape[0] };
  },
  claims(epochs) {
    const { accuracy, testAccuracy } = epochs[epochs.length - 1];
    return [inTheEnd(equals('accuracy', accuracy, 1)), inTheEnd(equals('test accuracy', testAccuracy, 1))];
  },
};
