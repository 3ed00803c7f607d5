import { ValueError, type LstmWebGpuError } from '../../../runtime/errors.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { show } from '../../../runtime/options.ts';
import type { Piece, Reading } from '../../../runtime/readback.ts';
import { StateSlots } from '../../../runtime/state-slots.ts';
import type { Network } from '../../network/network.ts';
import type { CreateProgram, Program, ProgramKey } from '../../execution/program.ts';
import type { Schedule } from '../../execution/schedule.ts';
import type { Compiled } from '../../execution/compiled.ts';
import type { Dataset } from '../data/dataset.ts';
import type { BoundProgram, SampleData } from './bound-program.ts';
import { ProgramCache } from './program-cache.ts';
import type { Randoms } from './random-state.ts';
import type { Report } from './report.ts';
import { takeRows, type SlotRange } from './rows.ts';
import { STATE_RANGES, type RunContext, type StateRange } from './state-ranges.ts';
import { UpdateQueue } from './update-queue.ts';

export interface UpdateOptions {
  /** The range of slots whose states its rows continue. */
  range: StateRange;
  /** The step of the samples at which it begins. Default: 0. */
  firstStep?: number;
  /** The samples, if they are not on the GPU yet. */
  upload?: SampleData;
  /** A read of results, which is submitted right after the update. */
  reading?: Reading;
  /** Reads the update's row of the journal. */
  report?: Report;
}

/** Runs updates of one network: sends them in order, and knows which slots are in use. */
export class Engine {
  readonly #ownQueue: UpdateQueue;
  #sharedQueue?: UpdateQueue;
  readonly programs: ProgramCache;
  #compiled?: Compiled;

  constructor(
    readonly gpu: Gpu,
    readonly network: Network,
    schedule: Schedule,
    readonly randoms: Randoms,
  ) {
    this.#ownQueue = new UpdateQueue(gpu);
    this.programs = new ProgramCache(gpu, network, schedule, (program) => this.queue.isWaiting(program));
  }

  /** The queue of updates and of everything that has to keep its order among them. */
  get queue(): UpdateQueue {
    return this.#sharedQueue ?? this.#ownQueue;
  }

  /** Sends through a queue that several models share, or without one through its own again. The former queue must be empty. */
  shareQueue(queue: UpdateQueue | undefined): void {
    this.#sharedQueue = queue;
  }

  /** The loss, metrics and optimizer of the last `model.compile`. A run keeps those with which it was called. */
  get compiled(): Compiled | undefined {
    return this.#compiled;
  }

  /** Checks rows whose states are to be reset, and copies them. @throws ValueError if there is no slot for one of them */
  checkRows(where: string, range: StateRange, rows?: readonly number[]): readonly number[] | undefined {
    const { slots, count } = this.slotsOf(range);
    if (rows === undefined) return undefined;
    if (!slots) {
      throw new ValueError(
        `${where}: slots is ${show(rows)}, and no layer of this model is stateful, so it has no slots. Leave them out, or ` +
          `build a layer with stateful: true.`,
      );
    }
    slots.assertSlots(where, rows, count);
    return Array.from(rows);
  }

  /** Lets the states of a range start from zero: all of them, or those of the listed rows. */
  resetStates(range: StateRange, rows?: readonly number[]): void {
    const { slots, first, count } = this.slotsOf(range);
    if (rows === undefined) slots?.resetRange(first, count);
    else slots?.reset('model.resetStates', rows, first, count);
  }

  /**
   * Begins a run, which `release` has to end: keeps its programs, sends what waits, and times the candidates for their work
   * where that was not done before. A nested run times nothing, since the programs of the outer one must stay as they are;
   * its states start from zero.
   *
   * @throws DisposedError, DeviceLostError; the reason of the call's signal
   */
  async begin(run: RunContext, keys: readonly ProgramKey[]): Promise<void> {
    run.throwIfAborted();
    this.programs.hold(run, keys);
    if (run.isNested) {
      await this.queue.flush();
      this.resetStates('nested');
    } else {
      await this.queue.exclusively(() => this.programs.tune(keys));
    }
    // If the model was disposed meanwhile, nothing more may be allocated for it.
    this.assertOpen();
  }

  /** @throws DisposedError after `dispose` */
  assertOpen(): void {
    this.#ownQueue.assertOpen();
  }

  /** Reads pieces of buffers as they are after the updates queued so far. */
  read(pieces: () => readonly Piece[]): Promise<ArrayBuffer[]> {
    return new Promise((resolve, reject) => {
      const send = () => {
        const reading = this.gpu.readback.prepare(pieces());
        this.gpu.readback.send(reading);
        resolve(reading.result);
      };
      this.queue.inOrder(send, reject);
    });
  }

  /**
   * Queues one update; the marks of resets are taken now, so their order among the calls is kept.
   *
   * @returns the number under which the update reports in the journal
   */
  push(bound: BoundProgram, samples: Uint32Array, options: UpdateOptions): number {
    const { mode, compiled } = bound.program;
    const { range, firstStep = 0, upload, reading, report } = options;
    // This throws if the learning rate cannot be used, before anything is counted.
    const steps = mode === 'train' ? compiled?.nextSteps(1) : undefined;
    const seeds = steps && this.countUpdates(compiled!, bound.program, 1);
    const rows = takeRows({ samples, rows: samples.length, count: 1 }, [this.slotsOf(range)]);
    const model = { ...rows, steps, seeds };
    const firstNumber = compiled?.journal.take() ?? 0;
    const { journal } = compiled ?? {};
    const entries = { count: 1, rows: samples.length, firstStep, journal, firstNumber, models: [model] };
    this.queue.push({ bound, entries, upload: upload && { first: samples[0], data: upload }, reading, report });
    return firstNumber;
  }

  /** Counts updates that train. @returns a seed for each, if their kernels read them */
  countUpdates(compiled: Compiled, { agenda }: Program, count: number): Uint32Array | undefined {
    const { dropout } = this.randoms;
    this.network.parameters.version += count;
    compiled.iterations += count;
    if (agenda.hasSeeds) return Uint32Array.from({ length: count }, () => dropout.integer());
    dropout.skip(count);
    return undefined;
  }

  /** Ends a run: sends the updates that it queued before an error, and frees what it used. */
  async release(run: RunContext, ...used: (Dataset | StateSlots | undefined)[]): Promise<void> {
    // If sending fails, the run has failed with that error or an earlier one.
    await this.queue.flush().catch(() => {});
    for (const item of used) item?.dispose();
    this.programs.release(run);
  }

  /**
   * Lets later updates use what a new `compile` made.
   *
   * @param createProgram records programs that train or test
   * @returns a function that frees the former one, to be called when no queued update uses it
   */
  recompile(compiled: Compiled, createProgram: CreateProgram): () => void {
    const former = this.#compiled;
    this.#compiled = compiled;
    this.programs.createProgram = createProgram;
    return () => {
      if (!former) return;
      this.programs.forget(former);
      former.dispose();
    };
  }

  /** Frees the programs; whatever still waits fails with this error. */
  dispose(error: LstmWebGpuError): void {
    // A shared queue is left to the run of several models that owns it, which finds out that the model is gone.
    this.#ownQueue.close(error);
    this.programs.forget();
    this.#compiled?.dispose();
  }

  /** The slots of a range: `count` of them from `first` on. Without stateful layers there are none. */
  slotsOf(range: StateRange): SlotRange {
    if (range instanceof StateSlots) return { slots: range, first: 0, count: range.capacity };
    const { slots, batchSize: count = 0 } = this.network;
    return { slots, first: STATE_RANGES.indexOf(range) * count, count };
  }
}
