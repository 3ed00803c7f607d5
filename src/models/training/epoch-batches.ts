import type { Mode } from '../execution/program.ts';
import type { Random } from '../network/random.ts';
import type { Window } from './engine/bound-program.ts';
import type { QueuedUpdate } from './engine/update-queue.ts';

/** A batch of an epoch, for each model of a group. */
export interface EpochBatch {
  /** Its updates: one over all steps, or several over windows of them, in order of time. */
  windows: readonly Window[];
  /** The numbers of the samples that each model takes. */
  samples: readonly Uint32Array[];
  /** How many samples it has. */
  count: number;
  /** The samples, if they are not on the GPU yet. */
  upload?: QueuedUpdate['upload'];
}

/** The batches that epochs go through. */
export interface EpochBatches {
  readonly mode: Mode;
  /** How many batches an epoch has, if that is known. */
  readonly length?: number;
  /** Settles when the kernels that are known to be needed have compiled. */
  readonly ready: Promise<unknown>;
  /**
   * Begins an epoch.
   *
   * @param takesPart which models of the group take part
   * @param firstBatch the number of the batch with which it begins; those before it are left out
   */
  begin(takesPart: readonly boolean[], firstBatch: number): void | Promise<void>;
  /** The next batch, at once where there is nothing to wait for; `undefined` at the end of the epoch. */
  next(): EpochBatch | undefined | Promise<EpochBatch | undefined>;
}

/** The batches of a data set, which all models of a group take in orders of their own. */
export class DatasetBatches implements EpochBatches {
  readonly length: number;
  readonly ready: Promise<unknown>;
  readonly #rows: number;
  readonly #unshuffled: Uint32Array;
  #orders?: readonly Uint32Array[];
  #next = 0;

  /**
   * @param windows the updates of a batch
   * @param count how many samples there are
   * @param models how many models take them
   * @param randoms shuffle the samples for each model. Default: each takes them in the order of the data
   */
  constructor(
    private readonly windows: readonly Window[],
    private readonly count: number,
    private readonly models: number,
    private readonly randoms?: readonly Random[],
  ) {
    this.#rows = windows[0].bound.program.rows;
    this.length = Math.ceil(count / this.#rows);
    this.ready = Promise.all(windows.map(({ bound }) => bound.ready));
    // Whoever goes through the batches awaits it; a failure before that must not count as unhandled.
    this.ready.catch(() => {});
    this.#unshuffled = Uint32Array.from({ length: count }, (_, index) => index);
  }

  get mode(): Mode {
    return this.windows[0].bound.program.mode;
  }

  begin(takesPart: readonly boolean[], firstBatch: number): void {
    this.#next = firstBatch * this.#rows;
    // The random numbers of models that take no part must not advance.
    this.#orders = this.randoms?.map((random, index) =>
      takesPart[index] ? random.permutation(this.count) : new Uint32Array(),
    );
  }

  next(): EpochBatch | undefined {
    const { windows, count, models } = this;
    const first = this.#next;
    if (first >= count) return undefined;
    const end = Math.min(count, first + this.#rows);
    this.#next = end;
    const samples =
      this.#orders?.map((order) => order.subarray(first, end)) ??
      // One list for all models, which take the same samples.
      Array<Uint32Array>(models).fill(this.#unshuffled.subarray(first, end));
    return { windows, samples, count: end - first };
  }
}
