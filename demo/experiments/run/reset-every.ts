import type { Callback, Model } from '../../../src/index.ts';

/**
 * The post's callback: forgets the states before batches 0, n, 2n … of an epoch, that is, before each new sequence. The
 * same for the test batches, for which the post's Keras did not call callbacks.
 */
export function resetEvery(batches: number, model: Model): Callback {
  const resetBeforeFirst = (batch: number): void => {
    if (batch % batches === 0) model.resetStates();
  };
  return { onBatchBegin: resetBeforeFirst, onTestBatchBegin: resetBeforeFirst };
}
