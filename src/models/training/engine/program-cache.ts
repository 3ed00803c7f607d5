import { benchmark } from '../../../runtime/autotune/benchmark.ts';
import type { TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import { LimitError } from '../../../runtime/errors.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { Droppable } from '../../../runtime/recently-used.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { Network } from '../../network/network.ts';
import { createProgram } from '../../execution/choose.ts';
import type { Explanation, Mode, Program, ProgramKey } from '../../execution/program.ts';
import type { Schedule } from '../../execution/schedule.ts';
import type { Compiled } from '../../execution/compiled.ts';
import { BoundProgram, type BatchSource } from './bound-program.ts';

/** How a part of a layer is done when batches of this kind run, and why so. */
export interface Explained extends Explanation {
  mode: Mode;
  batchSize: number;
  /** Time steps. */
  steps: number;
}

/** A program with the memory in which single batches are staged for it. */
interface Entry extends Droppable {
  program: Program;
  staging?: BoundProgram;
}

/**
 * The programs of one network, each made when it is needed. Those that nobody uses are dropped when all models of the
 * device have too many bytes of them (`RecentlyUsed`).
 */
export class ProgramCache {
  readonly #entries = new Map<string, Entry>();
  /** The keys of the programs that each run under way uses, which are not to be dropped. */
  readonly #held = new Map<object, readonly string[]>();

  constructor(
    private readonly gpu: Gpu,
    private readonly network: Network,
    private readonly schedule: Schedule,
    /** Whether updates wait to be sent that this program runs. */
    private readonly isWaiting: (program: Program) => boolean,
  ) {}

  /**
   * Binds a program to batches of this source, made anew if it is not there.
   *
   * @param slots of the run's own; default: those of the network
   * @throws LimitError if the device has no room for it, telling how large a batch would fit
   */
  bind(key: ProgramKey, source: BatchSource, slots?: StateSlots): BoundProgram {
    return new BoundProgram(this.gpu, this.#entry(key).program, source, slots);
  }

  /** Binds a program to where batches given one by one are staged, made by `make` on first use; with slots if it needs some. */
  staging<S extends BatchSource>(
    key: ProgramKey,
    make: (program: Program, accepted: Promise<void>) => S,
  ): BoundProgram<S> {
    const entry = this.#entry(key);
    if (!entry.staging) {
      entry.staging = this.#stage(key, entry, make);
      this.gpu.recentlyUsed.add(entry);
    }
    return entry.staging as BoundProgram<S>;
  }

  /** Keeps programs, and those made anew in their place, until `letGo` is called with the same run. */
  hold(run: object, keys: readonly ProgramKey[]): void {
    this.#held.set(run, keys.map(nameOf));
  }

  letGo(run: object): void {
    this.#held.delete(run);
  }

  /**
   * Times the candidates for the work of these programs where that was not done before, so that they are made anew with
   * the fastest. Nothing of this model may be waiting to be sent or be under way meanwhile.
   */
  async tune(keys: readonly ProgramKey[]): Promise<void> {
    if (!this.gpu.tuningCache.isTuning) return;
    const tasks = new Map(keys.flatMap((key) => this.#tasksOf(key).map((task) => [task.key, task])));
    if (tasks.size === 0) return;
    await benchmark(this.gpu, [...tasks.values()]);
    this.forget();
  }

  /** A program that is not there yet is recorded for its tasks alone, which takes no memory of the device. */
  #tasksOf(key: ProgramKey): readonly TuningTask[] {
    return (this.#entries.get(nameOf(key))?.program ?? this.#record(key)).tuningTasks;
  }

  /** How the programs made so far do their work. */
  explain(): Explained[] {
    return [...this.#entries.values()].flatMap(({ program: { mode, rows, steps, explanations } }) =>
      explanations.map((explanation) => ({ mode, batchSize: rows, steps, ...explanation })),
    );
  }

  /**
   * Disposes programs, which are made anew when they are next needed: all of them, since they are bound to memory or made
   * of candidates that are no longer right, or those that report to a former `compile`.
   */
  forget(compiled?: Compiled): void {
    for (const [key, entry] of this.#entries) {
      if (compiled !== undefined && entry.program.compiled !== compiled) continue;
      this.gpu.recentlyUsed.remove(entry);
      this.#drop(key, entry);
    }
  }

  #stage(
    key: ProgramKey,
    entry: Entry,
    make: (program: Program, accepted: Promise<void>) => BatchSource,
  ): BoundProgram {
    const slots = this.network.temporarySlots(key.rows);
    let source: BatchSource | undefined;
    try {
      const what = `Room for batches of ${key.rows} samples with ${key.steps} steps`;
      const { result, accepted } = this.gpu.watch(what, (accepted) => {
        source = make(entry.program, accepted);
        return new BoundProgram(this.gpu, entry.program, source, slots);
      });
      // Memory that the device refused, or a kernel that did not compile, is of no use: the next call makes all anew.
      Promise.all([accepted, result.ready]).catch(() => this.#forgetEntry(nameOf(key), entry));
      return result;
    } catch (error) {
      // If binding fails, for instance for lack of memory, nothing must stay on the GPU.
      source?.dispose();
      slots?.dispose();
      throw error;
    }
  }

  #forgetEntry(name: string, entry: Entry): void {
    if (this.#entries.get(name) !== entry) return;
    this.gpu.recentlyUsed.remove(entry);
    this.#drop(name, entry);
  }

  #drop(name: string, { program, staging }: Entry): void {
    staging?.source.dispose();
    staging?.slots?.dispose();
    program.dispose();
    this.#entries.delete(name);
  }

  #entry(key: ProgramKey): Entry {
    const { rows, steps } = key;
    const name = nameOf(key);
    let entry = this.#entries.get(name);
    if (!entry) {
      const what = `A batch of ${rows} samples with ${steps} steps`;
      const { result: program, accepted } = this.gpu.watch(what, () => {
        const recorded = this.#record(key);
        recorded.allocate();
        return recorded;
      });
      program.accepted = accepted;
      const made = this.#entryOf(name, program);
      // A program that the device refused is of no use: the next call makes it anew.
      accepted.catch(() => this.#forgetEntry(name, made));
      entry = made;
      this.#entries.set(name, entry);
      this.gpu.recentlyUsed.add(entry);
    } else {
      this.gpu.recentlyUsed.use(entry);
    }
    return entry;
  }

  #record(key: ProgramKey): Program {
    const { gpu, network, schedule } = this;
    try {
      return createProgram(gpu, network, key, schedule);
    } catch (cause) {
      throw cause instanceof LimitError ? batchTooLarge(cause, key) : cause;
    }
  }

  #entryOf(name: string, program: Program): Entry {
    const entry: Entry = {
      program,
      get bytes() {
        const { source, slots } = entry.staging ?? {};
        return program.byteLength + (source?.byteLength ?? 0) + (slots?.byteLength ?? 0);
      },
      isInUse: () => [...this.#held.values()].some((names) => names.includes(name)) || this.isWaiting(program),
      drop: () => this.#drop(name, entry),
    };
    return entry;
  }
}

/** The same for all that one program serves. */
function nameOf({ mode, rows, steps, channels, isWindowed = false, compiled }: ProgramKey): string {
  return `${mode} ${rows} ${steps} ${channels.join()} ${isWindowed} ${compiled?.id}`;
}

/** Says what a user can change: what a program needs grows with the rows and the steps of a batch. */
function batchTooLarge(cause: LimitError, { rows, steps }: ProgramKey): LimitError {
  const { message, share = 1 } = cause;
  const least = [rows, steps].map((size) => Math.floor(size * share));
  const fits = [
    ...(least[0] > 0 ? [`a batch size of at most ${least[0]}`] : []),
    ...(least[1] > 0 ? [`at most ${least[1]} steps`] : []),
  ];
  const hint = fits.length > 0 ? `Give ${fits.join(' or ')}` : 'Give smaller layers';
  return new LimitError(`A batch of ${rows} samples with ${steps} steps: ${message} ${hint}.`, share, { cause });
}
