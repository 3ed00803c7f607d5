import { ResidentProgram } from '../../execution/resident/resident-program.ts';
import type { Logs } from '../../execution/logs.ts';
import type { Dataset, RunFeed } from '../data/dataset.ts';
import type { StateRange } from '../engine/state-ranges.ts';
import { UpdateQueue } from '../engine/update-queue.ts';
import { Means } from '../means.ts';
import { questionOf } from './alike.ts';
import type { Member } from './member.ts';
import { SharedMemory } from './shared-memory.ts';

/** Models while they train together: an update is one of all of them. */
export class Together {
  readonly #queue: UpdateQueue;
  readonly #memory: SharedMemory;
  readonly #used: { dispose(): void }[] = [];

  /** @throws LimitError if the device cannot hold so many models at once */
  constructor(
    private readonly where: string,
    private readonly members: readonly Member[],
  ) {
    const engines = members.map(({ engine }) => engine);
    this.#memory = new SharedMemory(engines[0].gpu, engines);
    this.#queue = new UpdateQueue(engines[0].gpu);
  }

  /** Prepares to train or to test on these samples. */
  feed(dataset: Dataset, mode: 'train' | 'test', rows: number, steps: number): RunFeed {
    const question = questionOf(this.members[0].engine, mode, rows, steps);
    const { result: program, accepted } = question.gpu.watch(
      `${this.where}: a batch of ${rows} samples with ${steps} steps`,
      () => new ResidentProgram(question, this.#memory.forUpdates),
    );
    program.accepted = accepted;
    this.#used.push(program);
    return dataset.feed(program);
  }

  /** Lets the states of a range start from zero, in all models. */
  resetStates(range: StateRange): void {
    for (const { engine } of this.members) engine.resetStates(range);
  }

  /**
   * Queues one update of all models, and sends what waits if that is enough for a submit.
   *
   * @param samples those of each model
   * @returns the number under which it reports in the journal
   */
  async push(
    feed: RunFeed,
    samples: readonly ArrayLike<number>[],
    range: StateRange,
    resets?: Uint8Array,
  ): Promise<number> {
    const { journal } = this.#memory;
    const { mode } = feed.program;
    const place = { range, resets };
    const entries = this.members.map(({ engine }, index) =>
      engine.entry(mode, samples[index], place, engine.compiled, journal.nextRow),
    );
    this.#queue.push({ feed, entries });
    const number = journal.take();
    if (this.#queue.isFull) await this.flush();
    return number;
  }

  /** Sends what waits. @throws DisposedError, DeviceLostError if a model is gone */
  async flush(): Promise<void> {
    await this.#queue.flush();
    this.members.forEach(({ assertUsable }, index) => assertUsable(`${this.where}: models[${index}]`));
  }

  /** The means of each model. */
  means(): Means<Logs[]> {
    const { journal } = this.#memory;
    const columns = journal.columns / this.members.length;
    return new Means<Logs[]>(
      journal,
      this.members.map(() => ({})),
      (sums, samples) =>
        this.members.map(({ engine }, index) =>
          engine.compiled!.logs(sums.subarray(index * columns, (index + 1) * columns), samples),
        ),
    );
  }

  /** Sends what waits, also after an error, and frees what the run used. */
  async end(): Promise<void> {
    // If sending fails, the error that ended the run has told why.
    await this.#queue.flush().catch(() => {});
    this.#memory.dispose();
    for (const item of this.#used) item.dispose();
  }
}
