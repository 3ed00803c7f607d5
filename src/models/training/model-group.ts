import type { Journal } from '../execution/journal.ts';
import type { Window } from './engine/bound-program.ts';
import type { QueuedUpdates } from './engine/queued-updates.ts';
import type { UpdateQueue } from './engine/update-queue.ts';
import { takeEntries, type GroupBatches, type GroupMember } from './group-entries.ts';
import { MeansReader, type PushedUpdates } from './means.ts';

/** Batches of the group, and the window of their steps that updates work on. */
interface GroupUpdates extends Omit<GroupBatches, 'range'>, Pick<QueuedUpdates, 'upload'> {
  window: Window;
}

/**
 * Models that make their updates in step: the one of a `fit` or an `evaluate`, or all of a `trainMany`. Each update of the
 * group is one of each model that has not stopped, and has one row of the journal.
 */
export class ModelGroup {
  /** Reads what the updates report. */
  readonly reader: MeansReader;

  /**
   * @param journal the columns of all models beside each other
   * @param assertUsable called after each flush; throws DisposedError, DeviceLostError if a model cannot be used any more
   */
  constructor(
    readonly members: readonly GroupMember[],
    readonly journal: Journal,
    readonly queue: UpdateQueue,
    private readonly assertUsable?: () => void,
  ) {
    this.reader = new MeansReader(journal, () => this.flush());
    // A run that a callback begins writes to the same journal.
    for (const { run } of members) run.beforeNested = () => this.reader.read();
  }

  /** A group of one model, with the model's journal and queue. */
  static of(member: GroupMember): ModelGroup {
    return new ModelGroup([member], member.compiled.journal, member.engine.queue);
  }

  /**
   * Queues updates of each model that is running, one for each batch.
   *
   * @returns the number under which the first of them reports in the journal, and how many they are: fewer than batches if a
   * learning rate cannot be used
   * @throws ValueError if that of the first batch cannot be used
   */
  push(isRunning: readonly boolean[], { window, upload, ...batches }: GroupUpdates): PushedUpdates {
    const { journal } = this;
    const { bound, firstStep } = window;
    // A batch with more rows than the model has slots has temporary ones.
    const { count, models } = takeEntries(this.members, isRunning, bound.program, { ...batches, range: bound.slots });
    const number = journal.take(count);
    const entries = { count, rows: batches.rows, firstStep, journal, firstNumber: number, models };
    this.queue.push({ bound, entries, upload });
    return { number, count };
  }

  /** Sends what waits. @throws DisposedError, DeviceLostError */
  async flush(): Promise<void> {
    await this.queue.flush();
    this.assertUsable?.();
  }
}
