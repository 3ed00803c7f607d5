import type { Logs } from '../../execution/logs.ts';
import type { Callback, ModelInTraining } from './callback.ts';

/**
 * Ends `fit` when the loss of training is NaN or infinite. It looks at the running mean whenever that has been read from
 * the GPU, a few times a second, and at the end of each epoch, which waits for the GPU then; batches already sent still run.
 *
 * @see keras/src/callbacks/terminate_on_nan.py
 */
export function terminateOnNaN(): Callback {
  const look = (logs: Logs, model: ModelInTraining): void => {
    // Before the first reading there is no loss yet.
    if ('loss' in logs && !Number.isFinite(logs.loss)) model.stopTraining = true;
  };
  return {
    onBatchEnd: (_batch, logs, model) => look(logs, model),
    onEpochEnd: (_epoch, logs, model) => look(logs, model),
  };
}
