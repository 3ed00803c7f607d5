import { benchmark } from '../../../runtime/autotune/benchmark.ts';
import type { TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import { LimitError } from '../../../runtime/errors.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { Droppable } from '../../../runtime/recently-used.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { Network } from '../../network/network.ts';
import { LayeredProgram } from '../../execution/layered/layered-program.ts';
import type { CreateProgram, Explanation, Mode, Program, ProgramKey } from '../../execution/program.ts';
import type { Schedule } from '../../execution/schedule.ts';
import type { Compiled } from '../../execution/compiled.ts';
import { BatchInPlace } from '../data/batch-in-place.ts';
import { BoundProgram, type BatchSource } from './bound-program.ts';

/** How a part of a layer is computed for batches of this kind, and why. */
export interface ExplanationRow extends Explanation {
  mode: Mode;
  batchSize: number;
  /** Time steps. */
  steps: number;
}

/** A program with the memory in which single batches are staged for it. */
interface Entry extends Droppable {
  program: Program;
  staging?: BoundProgram;
  /** The program bound to its own batch and to the slots of streams. */
  streaming?: BoundProgram<BatchInPlace>;
}

/**
 * The programs of one network, each made when it is first needed. Programs that nothing uses are dropped when those of all
 * models of the device take too much memory (`RecentlyUsed`).
 */
export class ProgramCache {
  readonly #entries = new Map<string, Entry>();
  /** The keys of the programs that each run under way uses, which must not be dropped. */
  readonly #held = new Map<object, readonly string[]>();
  /** Records a program. By default only programs that predict; `compile` brings the function for all. */
  createProgram: CreateProgram = (gpu, network, key, schedule) => new LayeredProgram(gpu, network, key, { schedule });

  constructor(
    private readonly gpu: Gpu,
    private readonly network: Network,
    readonly schedule: Schedule,
    /** Whether updates of this program wait to be sent. */
    private readonly isWaiting: (program: Program) => boolean,
  ) {}

  /**
   * Binds a program, which is made if it is not in the cache, to a source of batches.
   *
   * @param slots temporary ones; default: those of the network
   * @throws LimitError if the device has no room for it, telling how large a batch would fit
   */
  bind(key: ProgramKey, source: BatchSource, slots?: StateSlots): BoundProgram {
    return new BoundProgram(this.gpu, this.#entry(key).program, source, slots);
  }

  /**
   * Binds a program to memory in which single batches are staged, and to temporary slots if the batch has too many rows.
   *
   * @param make makes that memory when it is first needed
   */
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

  /** Binds a program to its own memory for one batch, and to the present slots of streams unless it leaves states alone. */
  streaming(key: ProgramKey): BoundProgram<BatchInPlace> {
    const entry = this.#entry(key);
    const streams = key.isAside ? undefined : this.network.streams;
    // Larger slots take the place of the former ones when streams become more.
    if (!entry.streaming || entry.streaming.slots !== streams) {
      entry.streaming = this.gpu.watch(`Streams in batches of ${key.rows}`, () => {
        const bound = new BoundProgram(this.gpu, entry.program, new BatchInPlace(entry.program), streams);
        // If a kernel does not compile, the next call makes all anew.
        bound.ready.catch(() => this.#forgetEntry(nameOf(key), entry));
        return bound;
      }).result;
    }
    return entry.streaming;
  }

  /** Keeps the programs of these keys from being dropped until `release` is called with the same run. */
  hold(run: object, keys: readonly ProgramKey[]): void {
    this.#held.set(run, keys.map(nameOf));
  }

  release(run: object): void {
    this.#held.delete(run);
  }

  /**
   * Times the candidates for the work of these programs that were not timed before; then the programs are made anew with the
   * fastest. No update of this model may be waiting or under way meanwhile.
   */
  async tune(keys: readonly ProgramKey[]): Promise<void> {
    if (!this.gpu.tuningCache.isTuning) return;
    const tasks = new Map(keys.flatMap((key) => this.#tasksOf(key).map((task) => [task.key, task])));
    if (tasks.size === 0) return;
    await benchmark(this.gpu, [...tasks.values()]);
    this.forget();
  }

  /** The tuning tasks of a program. One that is not in the cache is only recorded, which allocates nothing on the device. */
  #tasksOf(key: ProgramKey): readonly TuningTask[] {
    return (this.#entries.get(nameOf(key))?.program ?? this.#record(key)).tuningTasks;
  }

  /** Explains how the programs made so far are computed. */
  explain(): ExplanationRow[] {
    return [...this.#entries.values()].flatMap(({ program: { mode, rows, steps, explanations } }) =>
      explanations.map((explanation) => ({ mode, batchSize: rows, steps, ...explanation })),
    );
  }

  /**
   * Disposes programs, which are made anew when they are next needed: those of a former `compile`, or all of them if the memory
   * that they are bound to has moved or faster candidates are known.
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
      // If the device refuses the memory, or a kernel does not compile, the next call makes all anew.
      Promise.all([accepted, result.ready]).catch(() => this.#forgetEntry(nameOf(key), entry));
      return result;
    } catch (error) {
      // If binding fails, for instance for lack of memory, nothing may stay on the GPU.
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
      // If the device refuses its memory, the next call makes the program anew.
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
      return this.createProgram(gpu, network, key, schedule);
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

/** A text that is the same for equal keys. */
function nameOf({
  mode,
  rows,
  steps,
  channels,
  isWindowed = false,
  continuesOutput = false,
  traces = false,
  isAside = false,
  compiled,
}: ProgramKey): string {
  const form = [isWindowed, continuesOutput, traces, isAside].map(Number).join('');
  return `${mode} ${rows} ${steps} ${channels.join()} ${form} ${compiled?.id}`;
}

/** The error that says which batch would fit: the memory of a program grows with the rows and the steps of a batch. */
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
