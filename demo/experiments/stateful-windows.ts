import { equals, inTheEnd } from './claims.ts';
import { makeData } from './data.ts';
import type { Experiment } from './experiment.ts';
import { buildNetwork } from './network.ts';
import { postWindows, WINDOW_LENGTH, WINDOWS_PER_SEQUENCE } from './prepare-sequences.ts';
import { resetEvery } from './reset-every.ts';
import { trainWithFit } from './train-with-fit.ts';

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
  async run(context) {
    const { train, test } = makeData(context.seed);
    const data = { train: postWindows(train), test: postWindows(test) };
    const settings = context.variant === 'keras1' ? 'keras1' : 'keras3';
    const model = await buildNetwork(context, { timesteps: WINDOW_LENGTH, stateful: true, settings });
    const callbacks = context.variant === 'keras3-reset' ? [resetEvery(WINDOWS_PER_SEQUENCE, model)] : [];
    const epochs = await trainWithFit(model, context, { ...data, callbacks });
    model.dispose();
    return { epochs, updates: epochs.length * data.train.x.shape[0] };
  },
  claims(epochs, variant) {
    if (variant !== 'keras3-reset') return [];
    return [inTheEnd(equals('test accuracy', epochs[epochs.length - 1].testAccuracy, 1))];
  },
};
