import type { Logs } from '../execution/logs.ts';
import type { Maybe } from './callbacks/callback.ts';
import { Means } from './means.ts';
import type { ModelGroup, Window } from './model-group.ts';
import { resetsAt, type BatchResets } from './reset-policy.ts';

export interface EpochOptions {
  /** Which models of the group take part. */
  takesPart: readonly boolean[];
  /** The updates of a batch: one over all steps, or several over windows of them, in order of time. */
  windows: readonly Window[];
  samples: number;
  /** The order of the samples of each model; by default as they lie. */
  orders?: readonly Uint32Array[];
  batchResets: BatchResets;
  /** Whether it is time to report. */
  isDue: () => boolean;
  /** @param logs of each model */
  report: (batch: number, logs: readonly Logs[]) => Maybe;
}

/** How an epoch ended, for each model. */
export interface EpochResult {
  /** Means over the samples; empty if it was stopped before its first batch. */
  logs: readonly Logs[];
  /** Batches done: fewer than all if it was stopped. */
  batches: readonly number[];
}

/**
 * Goes through a data set once, batch after batch, to train or to test. A model that stops meanwhile makes no further updates,
 * and the epoch ends with the last one.
 */
export async function runEpoch(group: ModelGroup, options: EpochOptions): Promise<EpochResult> {
  const { windows, samples, batchResets, isDue, report } = options;
  const { members } = group;
  const { rows, mode } = windows[0].bound.program;
  const [onBegin, onEnd] =
    mode === 'train' ? (['onBatchBegin', 'onBatchEnd'] as const) : (['onTestBatchBegin', 'onTestBatchEnd'] as const);
  const asTheyLie = Uint32Array.from({ length: samples }, (_, index) => index);
  const orders = options.orders ?? members.map(() => asTheyLie);
  const sampleResets = batchResets instanceof Uint8Array ? batchResets : undefined;
  const batches = Math.ceil(samples / rows);
  const means = new Means(group);
  const done = members.map(() => 0);
  const running = [...options.takesPart];
  const flushAndRead = async () => {
    await group.flush();
    await means.read(running);
    for (const { bound } of windows) await bound.acceptance.settled();
  };
  for (const { run } of members) run.beforeNested = flushAndRead;

  for (let batch = 0; batch < batches; batch++) {
    const stopping = members.flatMap(({ isStopped }, index) => (running[index] && isStopped() ? index : []));
    if (stopping.length > 0) {
      // Models count as running until their last updates have been read.
      await flushAndRead();
      for (const index of stopping) running[index] = false;
    }
    if (!running.includes(true)) break;
    for (const [index, { engine, run, callbacks }] of members.entries()) {
      if (!running[index]) continue;
      if (resetsAt(batchResets, batch)) engine.resetStates(run.range);
      const begun = run.notify(callbacks, onBegin, batch);
      if (begun) await begun;
    }
    const [first, end] = [batch * rows, Math.min(samples, (batch + 1) * rows)];
    const chosen = orders.map((order) => order.subarray(first, end));
    for (const window of windows) {
      const number = group.push(window, running, chosen, window.firstStep === 0 ? sampleResets : undefined);
      means.expect(number, end - first);
      if (group.queue.isFull) await group.flush();
      if (means.mustRead) await flushAndRead();
    }
    for (const [index, { run, callbacks }] of members.entries()) {
      if (!running[index]) continue;
      done[index]++;
      const ended = run.notify(callbacks, onEnd, batch, means.logs[index]);
      if (ended) await ended;
    }
    if (isDue()) {
      await flushAndRead();
      await report(batch + 1, means.logs);
    }
  }
  await flushAndRead();
  return { logs: means.logs, batches: done };
}
