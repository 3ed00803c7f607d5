import type { Logs } from '../execution/logs.ts';
import type { Mode, Program } from '../execution/program.ts';
import type { MaybePromise } from './callbacks/callback.ts';
import type { Window } from './engine/bound-program.ts';
import type { ConsecutiveBatches, EpochBatches } from './epoch-batches.ts';
import { Means } from './means.ts';
import type { ModelGroup } from './model-group.ts';
import { resetsAt, type BatchResets } from './reset-policy.ts';

export interface EpochOptions {
  /** Which models of the group take part. */
  takesPart: readonly boolean[];
  batches: EpochBatches;
  /** The number of the batch with which it begins. Default: 0. */
  firstBatch?: number;
  batchResets: BatchResets;
  /** Reports progress, if anybody listens: otherwise no batch is read before the end. */
  progress?: {
    /** Whether a report is to be made now. */
    isDue: () => boolean;
    /** @param logs of each model */
    report: (batch: number, logs: readonly Logs[]) => MaybePromise;
  };
}

/** The result of an epoch. */
export interface EpochResult {
  /** The means over its samples, which are complete once the group's reader has read them. */
  means: Means;
  /** The number of batches up to its end: fewer than all if every model was stopped. */
  batches: number;
}

/**
 * Goes through batches once, to train or to test. A model that stops meanwhile makes no further updates, and the epoch ends
 * with the last one. Its last updates need not be sent when it ends, so that the next epoch can follow at once.
 */
export async function runEpoch(group: ModelGroup, options: EpochOptions): Promise<EpochResult> {
  return new Epoch(group, options).run();
}

class Epoch {
  readonly #means: Means;
  /** Which models make updates; one that stops still counts until its last updates have been read. */
  readonly #running: boolean[];
  readonly #mode: Mode;
  /** How many batches may go by until progress is looked at again: the more, the longer no report was due. */
  #mostUnreported = 1;

  constructor(
    private readonly group: ModelGroup,
    private readonly options: EpochOptions,
  ) {
    this.#running = [...options.takesPart];
    this.#means = new Means(group.members, this.#running);
    this.#mode = options.batches.mode;
  }

  /** Goes through the batches. It awaits only what has to be waited for, since a batch may take less time than an `await`. */
  async run(): Promise<EpochResult> {
    const { batches, progress, firstBatch = 0 } = this.options;
    const { members, queue, reader } = this.group;
    const begun = batches.begin(this.options.takesPart, firstBatch);
    if (begun) await begun;

    let batch = firstBatch;
    for (;;) {
      const stopping = this.#stopping();
      if (stopping) await this.#leaveOut(stopping);
      if (!this.#running.includes(true)) break;
      const next = batches.next(this.#most);
      const given = next instanceof Promise ? await this.#waitFor(next) : next;
      if (!given) break;
      for (let index = 0; index < members.length; index++) {
        members[index].run.throwIfAborted();
        const begun = this.#begin(index, batch);
        if (begun) await begun;
      }
      for (const window of given.windows) {
        this.#push(window, given, batch);
        if (queue.isFull) await this.group.flush();
        if (reader.room <= 0) await reader.read();
      }
      batch += given.count;
      for (let index = 0; index < members.length; index++) {
        const ended = this.#end(index, batch - 1);
        if (ended) await ended;
      }
      if (progress?.isDue()) {
        this.#mostUnreported = 1;
        await reader.read();
        await progress.report(batch, this.#means.logs);
      } else this.#mostUnreported *= 2;
    }
    return { means: this.#means, batches: batch };
  }

  /** How many batches may be taken together: as many as fill a submit, unless callbacks are called for each of them. */
  readonly #most = ({ work }: Program): number => {
    const { queue, reader, members } = this.group;
    const [begin, end] = this.#callbackSteps();
    const isHeard = members.some(({ callbacks }) => callbacks.some((callback) => callback[begin] ?? callback[end]));
    const unreported = this.options.progress ? this.#mostUnreported : Infinity;
    return isHeard ? 1 : Math.max(1, Math.min(queue.room(work), reader.room, unreported));
  };

  #callbackSteps() {
    return this.#mode === 'train'
      ? (['onBatchBegin', 'onBatchEnd'] as const)
      : (['onTestBatchBegin', 'onTestBatchEnd'] as const);
  }

  /** The running models that are to make no further updates; nothing if there is none, so that a batch allocates no list. */
  #stopping(): number[] | undefined {
    const { members } = this.group;
    let stopping: number[] | undefined;
    for (let index = 0; index < members.length; index++) {
      if (this.#running[index] && members[index].isStopped()) (stopping ??= []).push(index);
    }
    return stopping;
  }

  /** Waits for a batch. @returns nothing if the epoch has ended, or all models were stopped meanwhile */
  async #waitFor(next: Promise<ConsecutiveBatches | undefined>): Promise<ConsecutiveBatches | undefined> {
    const batch = await next;
    const stopping = this.#stopping();
    if (stopping) await this.#leaveOut(stopping);
    return this.#running.includes(true) ? batch : undefined;
  }

  async #leaveOut(stopping: readonly number[]): Promise<void> {
    await this.group.reader.read();
    for (const index of stopping) this.#running[index] = false;
  }

  #begin(index: number, batch: number): void | Promise<void> {
    if (!this.#running[index]) return;
    const { engine, run, callbacks } = this.group.members[index];
    if (resetsAt(this.options.batchResets, batch)) engine.resetStates(run.range);
    return run.notify(callbacks, this.#callbackSteps()[0], batch);
  }

  #end(index: number, batch: number): void | Promise<void> {
    if (!this.#running[index]) return;
    const { run, callbacks } = this.group.members[index];
    return run.notify(callbacks, this.#callbackSteps()[1], batch, this.#means.logs[index]);
  }

  #push(window: Window, { samples, count, rows, total, upload }: ConsecutiveBatches, firstBatch: number): void {
    const { batchResets } = this.options;
    const sampleResets = batchResets instanceof Uint8Array && window.firstStep === 0 ? batchResets : undefined;
    for (let done = 0; done < count;) {
      const first = done;
      const updates = this.group.push(this.#running, {
        window,
        samples: first === 0 ? samples : samples.map((own) => own.subarray(first * rows)),
        count: count - first,
        rows,
        upload,
        resetsBefore: (batch) => resetsAt(batchResets, firstBatch + first + batch),
        sampleResets,
      });
      done += updates.count;
      const pushed = Math.min(total, done * rows) - first * rows;
      this.group.reader.expect(this.#means, { ...updates, samples: pushed, window });
    }
  }
}
