import type { ArrayInput } from '../arrays.ts';
import { knownOptions } from '../layers/options.ts';
import { notify, type Callback, type Logs } from './callbacks.ts';
import type { Engine } from './engine.ts';
import { runEpoch } from './epoch.ts';
import { checkData, upload } from './checked-data.ts';
import { ProgressClock, type Progress } from './progress.ts';

export interface EvaluateOptions {
  /** Samples in a batch. Default: the model's batchSize if it has one, otherwise 32. */
  batchSize?: number;
  /** Their `onTest…` functions are called. */
  callbacks?: readonly Callback[];
  /** Called a few times a second. */
  onProgress?: (progress: Progress) => void;
}

/** The loop behind `model.evaluate`. */
export async function evaluate(engine: Engine, x: ArrayInput, y: ArrayInput, options: EvaluateOptions): Promise<Logs> {
  const where = 'model.evaluate';
  knownOptions(where, options, ['batchSize', 'callbacks', 'onProgress']);
  const { callbacks = [], onProgress } = options;
  const data = checkData(engine, where, ['x', 'y'], x, y, options.batchSize);
  const samples = data.x.shape[0];
  const batches = Math.ceil(samples / data.rows);
  const clock = new ProgressClock(batches, onProgress);
  const dataset = upload(engine, 'test', data);
  try {
    await notify(callbacks, 'onTestBegin');
    const logs = await runEpoch(engine, {
      dataset,
      samples,
      callbacks,
      isDue: () => clock.isDue(),
      report: (batch, means) => clock.report(batch, { epoch: 0, epochs: 1, batch, batches }, means),
      isStopped: () => false,
    });
    await notify(callbacks, 'onTestEnd', logs);
    return logs;
  } finally {
    await engine.release(dataset);
  }
}
