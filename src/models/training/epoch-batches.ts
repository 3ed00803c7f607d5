import type { Mode, Program } from '../execution/program.ts';
import type { Random } from '../network/random.ts';
import type { Window } from './engine/bound-program.ts';
import type { QueuedUpdates } from './engine/queued-updates.ts';

/** Consecutive batches of an epoch, for each model of a group. */
export interface ConsecutiveBatches {
  /** How many they are. */
  count: number;
  /** How many samples each has; the last one may have fewer. */
  rows: number;
  /** How many samples they have together. */
  total: number;
  /** The updates of a batch: one over all steps, or several over windows of them, in order of time. */
  windows: readonly Window[];
  /** The numbers of the samples that each model takes, those of each batch behind those of the one before. */
  samples: readonly Uint32Array[];
  /** The samples, if they are not on the GPU yet. */
  upload?: QueuedUpdates['upload'];
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
  /**
   * The next batches, at once where there is nothing to wait for; `undefined` at the end of the epoch.
   *
   * @param most how many batches of a program may be taken together
   */
  next(most: (program: Program) => number): ConsecutiveBatches | undefined | Promise<ConsecutiveBatches | undefined>;
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

  next(most: (program: Program) => number): ConsecutiveBatches | undefined {
    const { windows, models } = this;
    const [{ bound }] = windows;
    const rows = this.#rows;
    const first = this.#next;
    if (first >= this.count) return undefined;
    // Windows of a batch follow each other, and temporary slots are reset before each batch.
    const isApart = windows.length > 1 || bound.slots !== undefined;
    const end = Math.min(this.count, first + rows * (isApart ? 1 : most(bound.program)));
    this.#next = end;
    const samples =
      this.#orders?.map((order) => order.subarray(first, end)) ??
      // One list for all models, which take the same samples.
      Array<Uint32Array>(models).fill(this.#unshuffled.subarray(first, end));
    return { count: Math.ceil((end - first) / rows), rows, total: end - first, windows, samples };
  }
}
