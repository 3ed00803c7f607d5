import { makeData, SEQUENCE_LENGTH } from '../data/sequences.ts';
import { prepareSequences } from '../data/prepare-sequences.ts';
import type { Context, Outcome } from './context.ts';
import { withNetwork } from './network.ts';
import { resetEvery } from './reset-every.ts';
import { trainWithFit } from './train-with-fit.ts';

/** Trains on one element after the other, with the post's callback that resets the states before each sequence. */
export async function trainElementsWithFit(context: Context): Promise<Outcome> {
  const { train, test } = makeData(context.seed);
  const data = { train: prepareSequences(train.x, train.y, 1), test: prepareSequences(test.x, test.y, 1) };
  const epochs = await withNetwork(context, { timesteps: 1, stateful: true }, (model) =>
    trainWithFit(model, context, { ...data, callbacks: [resetEvery(SEQUENCE_LENGTH, model)] }),
  );
  return { epochs, updates: epochs.length * data.train.x.shape[0] };
}
