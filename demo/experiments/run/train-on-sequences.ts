import { makeData, SEQUENCE_LENGTH, wholeSequences } from '../data/sequences.ts';
import type { Context, Outcome } from './context.ts';
import { withNetwork } from './network.ts';
import { trainWithFit } from './train-with-fit.ts';

/** Trains a network without memory on whole sequences. */
export async function trainOnSequences(context: Context): Promise<Outcome> {
  const { train, test } = makeData(context.seed);
  const data = { train: wholeSequences(train), test: wholeSequences(test) };
  const epochs = await withNetwork(context, { timesteps: SEQUENCE_LENGTH, stateful: false }, (model) =>
    trainWithFit(model, context, data),
  );
  return { epochs, updates: epochs.length * train.x.shape[0] };
}
