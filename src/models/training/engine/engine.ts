import { BusyError, LimitError, ShapeError, type LstmWebGpuError } from '../../../runtime/errors.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { Reading } from '../../../runtime/readback.ts';
import { rehearse } from '../../../runtime/rehearsal.ts';
import { StateSlots } from '../../../runtime/state-slots.ts';
import type { Network } from '../../network.ts';
import type { Random } from '../../random.ts';
import { createProgram } from '../../schedules/choose.ts';
import type { Demands, Explanation, Mode, Program, Schedule } from '../../schedules/program.ts';
import type { Compiled } from '../compile.ts';
import type { Dataset, Feed, SampleData } from '../data/dataset.ts';
import { notify, type Callback } from '../callbacks/callback.ts';
import { STATE_RANGES, type StateRange } from './state-ranges.ts';
import { UpdateQueue } from './update-queue.ts';
import type { AgendaEntry } from './agenda.ts';

/** Of an update that does not train. */
const NO_STEP = { stepSize: 0, learningRate: 0, isGathering: false, adam: undefined };

interface UpdatePlace {
  /** Whose states it continues. */
  range: StateRange;
  /** The step of the samples at which it begins. Default: 0. */
  firstStep?: number;
  /** 1 for each sample before which its row's states start from zero. */
  resets?: Uint8Array;
}

export interface UpdateOptions extends UpdatePlace {
  /** The samples themselves, where they are not on the GPU yet. */
  upload?: SampleData;
  /** What is to be read once it is done. */
  reading?: Reading;
}

/** What `Engine.program` is called with. */
export type ProgramArguments = [mode: Mode, rows: number, steps: number, demands?: Demands];

/** How a part of a layer is done when batches of this kind run, and why so. */
export interface Explained extends Explanation {
  mode: Mode;
  batchSize: number;
  /** Time steps. */
  steps: number;
}

/** Runs updates of one network: keeps its programs, sends updates in order, knows which slots are in use. */
export class Engine {
  compiled?: Compiled;
  readonly queue: UpdateQueue;
  #running?: string;
  /** The range of the run whose callback is being called. */
  #calling?: StateRange;
  readonly #programs = new Map<string, Program>();
  readonly #staging = new Map<Program, Feed>();

  constructor(
    readonly gpu: Gpu,
    readonly network: Network,
    private readonly schedule: Schedule,
    private readonly random: Random,
  ) {
    this.queue = new UpdateQueue(gpu);
  }

  /** Whose states a reset concerns: those of the run whose callback is being called, otherwise those of training. */
  get range(): StateRange {
    return this.#calling ?? 'training';
  }

  /**
   * Slots for a run that tests or predicts with more rows than the model has slots: its states begin at zero, and are
   * gone with them. Nothing if there are slots enough.
   */
  ownSlots(rows: number): StateSlots | undefined {
    return this.network.hasSlotsFor(rows) ? undefined : this.network.makeSlots(rows);
  }

  /** Lets the states of a range start from zero: all of them, or those of the listed rows. @throws ValueError */
  resetStates(range: StateRange, rows?: readonly number[]): void {
    const { slots, first, count } = this.#slotsOf(range);
    if (rows) slots?.reset('model.resetStates', rows, first, count);
    else slots?.resetRange(first, count);
  }

  /** Calls callbacks on behalf of a run: what they reset are its states. */
  notify<Name extends Exclude<keyof Callback, 'setModel'>>(
    range: StateRange,
    callbacks: readonly Callback[],
    name: Name,
    ...args: Parameters<NonNullable<Callback[Name]>>
  ): void | Promise<void> {
    if (callbacks.length === 0) return;
    const before = this.#calling;
    this.#calling = range;
    let result: void | Promise<void>;
    try {
      result = notify(callbacks, name, ...args);
    } finally {
      this.#calling = before;
    }
    if (!result) return;
    this.#calling = range;
    return result.finally(() => {
      this.#calling = before;
    });
  }

  /** @throws BusyError while `fit`, `evaluate` or `predict` runs */
  assertIdle(where: string): void {
    if (this.#running === undefined) return;
    throw new BusyError(
      `${where}: ${this.#running} is still running on this model and the two would mix their batches. Await it first; ` +
        `to end a fit early, set model.stopTraining = true.`,
    );
  }

  /** Runs `work` alone, with the states of training. @throws BusyError if another run is under way */
  async runAlone<T>(where: string, work: (range: StateRange) => Promise<T>): Promise<T> {
    this.assertIdle(where);
    this.#running = where;
    try {
      return await work('training');
    } finally {
      this.#running = undefined;
    }
  }

  /**
   * Runs `work` alone, or, from a callback of a run under way, aside of it: with states of its own, from zero.
   *
   * @throws BusyError if another run is under way and this is not one of its callbacks
   */
  async runAside<T>(where: string, work: (range: StateRange) => Promise<T>): Promise<T> {
    if (this.#calling === undefined) return this.runAlone(where, work);
    this.resetStates('aside');
    return work('aside');
  }

  /** @throws ShapeError if a stateful model has fewer slots than a batch to train on has rows */
  assertFits(where: string, rows: number): void {
    const { batchSize } = this.network;
    if (this.network.hasSlotsFor(rows)) return;
    throw new ShapeError(
      `${where}: a batch of ${rows} rows, but this stateful model keeps ${batchSize} states, one a row. Train with a ` +
        `batch size of at most ${batchSize}, or build the model with batchSize: ${rows}.`,
    );
  }

  /** The program for a batch size and a number of steps, made on first use. */
  program(mode: Mode, rows: number, steps: number, demands: Demands = {}): Program {
    const key = `${mode} ${rows} ${steps} ${JSON.stringify(demands)}`;
    let program = this.#programs.get(key);
    if (!program) {
      const compiled = mode === 'predict' ? undefined : this.compiled;
      const { gpu, network, schedule } = this;
      try {
        program = createProgram(gpu, network, mode, rows, steps, compiled, schedule, demands);
      } catch (cause) {
        throw cause instanceof LimitError ? batchTooLarge(cause, rows, steps) : cause;
      }
      this.#programs.set(key, program);
    }
    return program;
  }

  /**
   * Times the ways in which the work of these programs can be done, if that is new, so that they are made with the fastest.
   * In a callback nothing is timed: programs are running that must stay as they are.
   *
   * @param programs what `program` will be called with
   */
  async tune(programs: readonly ProgramArguments[]): Promise<void> {
    if (this.#calling !== undefined) return;
    const questions = new Map(
      programs.flatMap((program) => this.program(...program).questions.map((question) => [question.key, question])),
    );
    if (questions.size === 0) return;
    await this.queue.flush();
    await rehearse(this.gpu, [...questions.values()]);
    this.forgetPrograms();
  }

  /** How the programs made so far do their work. */
  explain(): Explained[] {
    return [...this.#programs.values()].flatMap(({ mode, rows, steps, explanations }) =>
      explanations.map((explanation) => ({ mode, batchSize: rows, steps, ...explanation })),
    );
  }

  /** Where batches given one by one to a program lie, made on first use. */
  staging<F extends Feed>(program: Program, make: () => F): F {
    const feed = (this.#staging.get(program) as F | undefined) ?? make();
    this.#staging.set(program, feed);
    return feed;
  }

  /**
   * Queues one update; the marks of resets are taken now, so their order among the calls is kept.
   *
   * @returns the number under which the update reports in the journal
   */
  push(feed: Feed, samples: ArrayLike<number>, { upload, reading, ...place }: UpdateOptions): number {
    const { mode } = feed.program;
    const journal = mode === 'predict' ? undefined : this.compiled!.journal;
    const entries = [this.entry(mode, samples, place, journal?.nextRow ?? 0)];
    // Not before the entry is there, since a learning rate that cannot be used is refused.
    const number = journal?.take() ?? 0;
    this.queue.push({ feed, entries, upload: upload && { first: samples[0], data: upload }, reading });
    return number;
  }

  /** What the agenda says of an update. Takes the marks of resets off, and counts the update if it trains. */
  entry(
    mode: Mode,
    samples: ArrayLike<number>,
    { range, firstStep = 0, resets }: UpdatePlace,
    journalRow: number,
  ): AgendaEntry {
    const { slots, first: firstSlot } = this.#slotsOf(range);
    const isTraining = mode === 'train';
    const step = isTraining ? this.compiled!.nextStep() : NO_STEP;
    // A plain array: there is one for each update, and a typed one takes far longer to make.
    const fromZero: number[] = [];
    for (let row = 0; row < samples.length; row++) {
      fromZero.push(!slots || slots.takeReset(firstSlot + row) || resets?.[samples[row]] ? 1 : 0);
    }
    const { stepSize, learningRate, isGathering, adam } = step;
    const seed = isTraining ? this.random.integer() : 0;
    return { samples, firstStep, firstSlot, fromZero, journalRow, seed, stepSize, learningRate, isGathering, adam };
  }

  /** Frees what a run used, after sending the updates that still wait for it: those queued before an error, say. */
  async release(...used: (Dataset | StateSlots | undefined)[]): Promise<void> {
    // If sending fails, the error that ended the run has told why.
    await this.queue.flush().catch(() => {});
    for (const item of used) item?.dispose();
  }

  /** Lets programs be made anew: they are bound to memory, and made of ways, that are no longer right. */
  forgetPrograms(): void {
    this.#disposePrograms(() => true);
  }

  /** Forgets programs that report to a former `compile`. */
  recompile(compiled: Compiled): void {
    this.#disposePrograms((program) => program.mode !== 'predict');
    this.compiled?.dispose();
    this.compiled = compiled;
  }

  /** Whatever still waits fails with this error. */
  dispose(error: LstmWebGpuError): void {
    this.queue.close(error);
    this.forgetPrograms();
    this.compiled?.dispose();
  }

  /** The slots of a range: `count` of them from the first on; none if no layer is stateful. */
  #slotsOf(range: StateRange): { slots?: StateSlots; first: number; count: number } {
    if (range instanceof StateSlots) return { slots: range, first: 0, count: range.capacity };
    const { slots, batchSize: count = 0 } = this.network;
    return { slots, first: STATE_RANGES.indexOf(range) * count, count };
  }

  #disposePrograms(which: (program: Program) => boolean): void {
    for (const [key, program] of this.#programs) {
      if (!which(program)) continue;
      const staged = this.#staging.get(program);
      staged?.dataset.dispose();
      staged?.slots?.dispose();
      this.#staging.delete(program);
      program.dispose();
      this.#programs.delete(key);
    }
  }
}

/** Says what a user can change: what a program needs grows with the rows and the steps of a batch. */
function batchTooLarge(cause: LimitError, rows: number, steps: number): LimitError {
  const { message, share = 1 } = cause;
  const least = [rows, steps].map((size) => Math.floor(size * share));
  const fits = [
    ...(least[0] > 0 ? [`a batch size of at most ${least[0]}`] : []),
    ...(least[1] > 0 ? [`at most ${least[1]} steps`] : []),
  ];
  const hint = fits.length > 0 ? `Give ${fits.join(' or ')}` : 'Give smaller layers';
  return new LimitError(`A batch of ${rows} samples with ${steps} steps: ${message} ${hint}.`, share, { cause });
}
