import { makeData } from '../data/sequences.ts';
import { postWindows, WINDOW_LENGTH, WINDOWS_PER_SEQUENCE } from '../data/prepare-sequences.ts';
import type { Context, Outcome } from './context.ts';
import { withNetwork } from './network.ts';
import { resetEvery } from './reset-every.ts';
import { trainWithFit } from './train-with-fit.ts';

/** Trains on one window after the other; a stateful network with the settings and the resets of the variant. */
export async function trainOnWindows(context: Context, { stateful }: { stateful: boolean }): Promise<Outcome> {
  const { train, test } = makeData(context.seed);
  const data = { train: postWindows(train), test: postWindows(test) };
  const settings = context.variant === 'keras1' ? 'keras1' : 'keras3';
  const epochs = await withNetwork(context, { timesteps: WINDOW_LENGTH, stateful, settings }, (model) => {
    const callbacks = context.variant === 'keras3-reset' ? [resetEvery(WINDOWS_PER_SEQUENCE, model)] : [];
    return trainWithFit(model, context, { ...data, callbacks });
  });
  return { epochs, updates: epochs.length * data.train.x.shape[0] };
}
