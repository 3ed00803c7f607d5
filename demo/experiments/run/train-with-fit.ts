import type { Callback, Model } from '../../../src/index.ts';
import type { Labelled } from '../data/sequences.ts';
import type { EpochResult } from '../experiment.ts';
import { compilingIn } from './compiling.ts';
import type { Context } from './context.ts';

interface Training {
  train: Labelled;
  /** Without it, the test figures of the results are NaN. */
  test?: Labelled;
  callbacks?: readonly Callback[];
}

/**
 * Trains with `fit`, a row at a time and in order as the post does, with the test half as validation data; and tells the
 * context how it goes.
 */
export async function trainWithFit(model: Model, context: Context, training: Training): Promise<EpochResult[]> {
  const { train, test, callbacks = [] } = training;
  const { epochs, signal } = context;
  const results: EpochResult[] = [];
  if (signal.aborted) return results;

  const tell: Callback = {
    onEpochEnd(_epoch, { loss, accuracy = NaN, valLoss = NaN, valAccuracy = NaN }) {
      // The epoch in which training was stopped is not a whole one.
      if (signal.aborted) return;
      const result = { loss, accuracy, testLoss: valLoss, testAccuracy: valAccuracy };
      results.push(result);
      context.onEpoch(result);
    },
  };
  const stop = (): void => {
    model.stopTraining = true;
  };
  signal.addEventListener('abort', stop);
  try {
    await model.fit(train.x, train.y, {
      batchSize: 1,
      epochs,
      shuffle: false,
      validationData: test && [test.x, test.y],
      callbacks: [...callbacks, tell],
      onProgress(progress) {
        const { epoch, batch, batches = 1, loss, accuracy } = progress;
        const compiling = compilingIn(progress);
        context.onProgress({ fraction: (epoch + batch / batches) / epochs, epoch, epochs, compiling, loss, accuracy });
      },
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return results;
}
