import { notify, type Callback, type Logs } from './callbacks.ts';
import type { Dataset } from './dataset.ts';
import type { Engine } from './engine.ts';
import { Means } from './means.ts';

export interface EpochOptions {
  dataset: Dataset;
  samples: number;
  /** The order of the samples; by default as they lie. */
  order?: Uint32Array;
  callbacks: readonly Callback[];
  /** Whether it is time to report. */
  isDue: () => boolean;
  report: (batch: number, logs: Logs) => void;
  isStopped: () => boolean;
}

/** Goes through a data set once, batch after batch, to train or to test. Returns the means over the samples. */
export async function runEpoch(engine: Engine, options: EpochOptions): Promise<Logs> {
  const { dataset, samples, order, callbacks, isDue, report, isStopped } = options;
  const { rows, mode } = dataset.program;
  const [onBegin, onEnd] =
    mode === 'train' ? (['onBatchBegin', 'onBatchEnd'] as const) : (['onTestBatchBegin', 'onTestBatchEnd'] as const);
  const all = order ?? Uint32Array.from({ length: samples }, (_, index) => index);
  const means = new Means(engine.compiled!);
  const batches = Math.ceil(samples / rows);

  for (let batch = 0; batch < batches && !isStopped(); batch++) {
    const begun = notify(callbacks, onBegin, batch);
    if (begun) await begun;
    const chosen = all.subarray(batch * rows, Math.min(samples, (batch + 1) * rows));
    engine.push(dataset, chosen);
    means.expect(chosen.length);
    const ended = notify(callbacks, onEnd, batch, means.logs);
    if (ended) await ended;

    if (engine.queue.isFull) await engine.queue.flush();
    if (means.mustRead || isDue()) {
      await engine.queue.flush();
      await means.read();
      report(batch + 1, means.logs);
    }
  }
  await engine.queue.flush();
  return means.read();
}
