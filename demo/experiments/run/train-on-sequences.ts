import { makeData, SEQUENCE_LENGTH, wholeSequences } from '../data.ts';
import type { Context, Outcome } from './context.ts';
import { buildNetwork } from './network.ts';
import { trainWithFit } from './train-with-fit.ts';

/** Trains a network without memory on whole sequences. */
export async function trainOnSequences(context: Context): Promise<Outcome> {
  const { train, test } = makeData(context.seed);
  const model = await buildNetwork(context, { timesteps: SEQUENCE_LENGTH, stateful: false });
  const epochs = await trainWithFit(model, context, { train: wholeSequences(train), test: wholeSequences(test) });
  model.dispose();
  return { epochs, updates: epochs.length * train.x.shape[0] };
}
