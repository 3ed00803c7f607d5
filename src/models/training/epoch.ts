import type { Callback, Maybe } from './callbacks/callback.ts';
import type { RunFeed } from './data/dataset.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import type { Logs } from '../execution/logs.ts';
import { Means } from './means.ts';
import { resetsAt, type Resets } from './reset-policy.ts';

/** A stretch of the steps of a batch, which is an update of its own. */
export interface Window {
  feed: RunFeed;
  firstStep: number;
}

export interface EpochOptions {
  /** The updates of a batch: one over all steps, or several over stretches of them, in order of time. */
  windows: readonly Window[];
  samples: number;
  /** The order of the samples; by default as they lie. */
  order?: Uint32Array;
  resets: Resets;
  callbacks: readonly Callback[];
  /** Whether it is time to report. */
  isDue: () => boolean;
  report: (batch: number, logs: Logs) => Maybe;
  isStopped: () => boolean;
}

/** How an epoch ended. */
export interface EpochResult {
  /** Means over the samples; empty if it was stopped before its first batch. */
  logs: Logs;
  /** Batches done: fewer than all if it was stopped. */
  batches: number;
}

/** Goes through a data set once, batch after batch, to train or to test. */
export async function runEpoch(engine: Engine, run: Run, options: EpochOptions): Promise<EpochResult> {
  const { windows, samples, order, resets, callbacks, isDue, report, isStopped } = options;
  const { range } = run;
  const { rows, mode, compiled } = windows[0].feed.program;
  const [onBegin, onEnd] =
    mode === 'train' ? (['onBatchBegin', 'onBatchEnd'] as const) : (['onTestBatchBegin', 'onTestBatchEnd'] as const);
  const all = order ?? Uint32Array.from({ length: samples }, (_, index) => index);
  const means = new Means<Logs>(compiled!.journal, {}, (sums, count) => compiled!.logs(sums, count));
  const read = async () => {
    const logs = await means.read();
    for (const { feed } of windows) await feed.acceptance.settled();
    return logs;
  };
  const flushAndRead = async () => {
    await engine.queue.flush();
    return read();
  };
  run.beforeNested = flushAndRead;
  const sampleResets = resets instanceof Uint8Array ? resets : undefined;
  const batches = Math.ceil(samples / rows);

  let batch = 0;
  for (; batch < batches && !isStopped(); batch++) {
    if (resetsAt(resets, batch)) engine.resetStates(range);
    const begun = run.notify(callbacks, onBegin, batch);
    if (begun) await begun;
    const chosen = all.subarray(batch * rows, Math.min(samples, (batch + 1) * rows));
    for (const { feed, firstStep } of windows) {
      const number = engine.push(feed, chosen, {
        range,
        firstStep,
        resets: firstStep === 0 ? sampleResets : undefined,
      });
      means.expect(number, chosen.length);
      if (engine.queue.isFull) await engine.queue.flush();
      if (means.mustRead) await flushAndRead();
    }
    const ended = run.notify(callbacks, onEnd, batch, means.logs);
    if (ended) await ended;

    if (isDue()) {
      await flushAndRead();
      await report(batch + 1, means.logs);
    }
  }
  return { logs: await flushAndRead(), batches: batch };
}
