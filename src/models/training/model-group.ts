import { IDLE, type AgendaEntry } from '../execution/agenda.ts';
import type { Compiled } from '../execution/compiled.ts';
import type { Journal } from '../execution/journal.ts';
import type { Callback } from './callbacks/callback.ts';
import type { Window } from './engine/bound-program.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import type { QueuedUpdate, UpdateQueue } from './engine/update-queue.ts';
import { MeansReader } from './means.ts';

/** A model of a group. */
export interface GroupMember {
  engine: Engine;
  compiled: Compiled;
  run: Run;
  callbacks: readonly Callback[];
  /** Whether the model is to make no further updates. */
  isStopped: () => boolean;
}

/** The samples of an update. */
interface UpdateSamples extends Pick<QueuedUpdate, 'upload'> {
  /** The numbers of the samples that each model takes. */
  samples: readonly Uint32Array[];
  /** 1 for each sample whose row starts from zero. */
  sampleResets?: Uint8Array;
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
   * Queues one update of each model that is running.
   *
   * @returns the number under which the update reports in the journal
   */
  push(
    { bound, firstStep }: Window,
    isRunning: readonly boolean[],
    { samples, sampleResets, upload }: UpdateSamples,
  ): number {
    const { journal } = this;
    const { mode } = bound.program;
    const entries: AgendaEntry[] = [];
    for (let index = 0; index < this.members.length; index++) {
      const { engine, compiled, run } = this.members[index];
      // A batch with more rows than the model has slots has temporary ones.
      const start = { range: bound.slots ?? run.range, firstStep, sampleResets };
      entries.push(isRunning[index] ? engine.entry(mode, samples[index], start, compiled, journal.nextRow) : IDLE);
    }
    // The number is taken after the entries are made, which throws if a learning rate cannot be used.
    const number = journal.take();
    this.queue.push({ bound, entries, upload });
    return number;
  }

  /** Sends what waits. @throws DisposedError, DeviceLostError */
  async flush(): Promise<void> {
    await this.queue.flush();
    this.assertUsable?.();
  }
}
