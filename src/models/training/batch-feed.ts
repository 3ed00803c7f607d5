import { ValueError } from '../../runtime/errors.ts';
import type { Compiled } from '../execution/compiled.ts';
import type { ProgramKey } from '../execution/program.ts';
import type { BatchReader, Batch } from './data/batches.ts';
import { checkBatch } from './data/checked-batch.ts';
import { assertFits, keyOf, type CheckedData, type SampleOptions } from './data/checked-data.ts';
import { assertRoom } from './data/dataset.ts';
import { untilAborted } from './engine/abort.ts';
import type { SampleData } from './engine/bound-program.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import type { ConsecutiveBatches, EpochBatches } from './epoch-batches.ts';
import { bytesOf, copyOf, Staging, STAGING_BYTES } from './staging.ts';

/** Ends a wait for the iterable when training is to stop. */
const STOPPED = Symbol('stopped');

/** The call that the batches are for. */
interface Call {
  /** How error messages name the call. */
  where: string;
  engine: Engine;
  compiled: Compiled;
  run: Run;
  mode: 'train' | 'test';
  classWeight?: SampleOptions['classWeight'];
}

/** A batch that the iterable has given. */
interface ReadBatch {
  data: CheckedData;
  key: ProgramKey;
  upload: SampleData;
}

/**
 * Batches of an iterable on their way to the GPU. Each is checked and copied when the iterable has given it, and uploaded
 * beside the update of the batch before. What waits in the queue is sent before the iterable is waited for.
 */
export class BatchFeed implements EpochBatches {
  readonly mode: 'train' | 'test';
  /** The kernels that a batch needs are known when it is there. */
  readonly ready = Promise.resolve();
  readonly #staging: Staging;
  /** The first batch of the first epoch, which was read to know its shape. */
  #first?: ReadBatch;
  /** The number of the next batch of the epoch. */
  #next = 0;
  /** Bytes of the batches that were queued since this feed last sent the queue. */
  #queuedBytes = 0;
  #isStopped = false;

  constructor(
    private readonly reader: BatchReader<Batch>,
    private readonly call: Call,
  ) {
    this.mode = call.mode;
    this.#staging = new Staging(call.engine);
  }

  get length(): number | undefined {
    return this.reader.length;
  }

  /** Whether training was stopped while the iterable was waited for, so that no more is asked of it. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Reads the first batch of the first epoch.
   *
   * @returns the key of its program; nothing if training was stopped before it came
   * @throws ShapeError, ValueError
   */
  async peek(): Promise<ProgramKey | undefined> {
    this.call.run.throwIfAborted();
    await this.begin();
    // An epoch without a batch is an error of the reader.
    this.#first = this.#isStopped ? undefined : await this.#unlessStopped(this.#read());
    return this.#first?.key;
  }

  /** @throws ValueError (as a rejection) if the iterable ends before the batch with which the epoch is to begin */
  async begin(_takesPart?: readonly boolean[], firstBatch = 0): Promise<void> {
    if (!this.#first) {
      await this.#unlessStopped(this.reader.begin(this.#wait));
      this.#next = 0;
    }
    if (firstBatch > 0) await this.#skipTo(firstBatch);
  }

  /** Leaves out the batches before one, and reads that, since an epoch needs a batch. */
  async #skipTo(firstBatch: number): Promise<void> {
    if (!this.#first) this.#first = await this.#unlessStopped(this.#read());
    for (let batch = 0; batch <= firstBatch && !this.#isStopped; batch++) {
      if (!this.#first) {
        throw new ValueError(
          `${this.call.where}: the epoch is to go on with batch ${firstBatch}, but the iterable gives ${batch} batches. ` +
            `Give the same data as before.`,
        );
      }
      if (batch < firstBatch) this.#first = await this.#unlessStopped(this.#read());
    }
  }

  async next(): Promise<ConsecutiveBatches | undefined> {
    const { engine, run } = this.call;
    const batch = this.#first ?? (await this.#unlessStopped(this.#read()));
    this.#first = undefined;
    if (!batch) return undefined;
    const { data, key, upload } = batch;
    if (this.#queuedBytes >= STAGING_BYTES) {
      await engine.queue.flush();
      this.#queuedBytes = 0;
    }
    this.#queuedBytes += bytesOf(data);
    // The program must not be dropped while its kernels compile, before an update waits for it.
    engine.programs.hold(this, [key]);
    const { bound, samples } = this.#staging.take(key, data);
    await run.untilAborted(bound.ready);
    if (bound.slots) engine.resetStates(bound.slots);
    return {
      count: 1,
      rows: data.count,
      total: data.count,
      windows: [{ bound, firstStep: 0 }],
      samples: [samples],
      upload: { first: samples[0], data: upload },
    };
  }

  /** Does the work of the run, and then releases what these batches hold. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.reader.during((promise) => this.call.run.untilAborted(promise), work);
    } finally {
      this.call.engine.programs.release(this);
    }
  }

  /**
   * Reads, checks and copies the next batch of the epoch.
   *
   * @throws ShapeError, ValueError; what the iterable throws; DisposedError if the model was disposed meanwhile
   */
  async #read(): Promise<ReadBatch | undefined> {
    const { where, engine, compiled, run, classWeight } = this.call;
    const { network } = engine;
    run.throwIfAborted();
    const given = await this.reader.next(this.#wait);
    if (!given) return undefined;
    engine.queue.assertOpen();
    const which = `${where}: batch ${this.#next++}`;
    const data = checkBatch(which, { network, compiled }, given.batch, { classWeight });
    if (this.mode === 'train') assertFits(which, network, data.rows);
    assertRoom(engine.gpu, which, data.channels);
    return { data, key: keyOf(which, this.mode, data, compiled), upload: copyOf(data) };
  }

  /**
   * Waits for the iterable, which may take long, so what is queued is sent meanwhile.
   *
   * @throws STOPPED (as a rejection) once training is to stop
   */
  readonly #wait = <T>(promise: PromiseLike<T>): Promise<T> => {
    const { engine, run, mode } = this.call;
    engine.queue.flushSoon();
    const given = run.untilAborted(promise);
    if (mode === 'test') return given;
    const stop = new AbortController();
    run.onStop = () => stop.abort(STOPPED);
    if (run.stop.stopTraining) run.onStop();
    return untilAborted(given, stop.signal);
  };

  /** Resolves to what the iterable has given, or to nothing if training was stopped while it was waited for. */
  async #unlessStopped<T>(given: Promise<T>): Promise<T | undefined> {
    try {
      return await given;
    } catch (error) {
      if (error !== STOPPED) throw error;
      this.#isStopped = true;
      return undefined;
    }
  }
}
