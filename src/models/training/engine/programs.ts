import { LimitError } from '../../../runtime/errors.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { rehearse } from '../../../runtime/rehearsal.ts';
import type { Network } from '../../network.ts';
import { createProgram } from '../../schedules/choose.ts';
import type { Demands, Explanation, Mode, Program, Schedule } from '../../schedules/program.ts';
import type { Compiled } from '../compile.ts';
import type { Feed } from '../data/dataset.ts';

/** What a program is made for. */
export interface ProgramKey {
  mode: Mode;
  /** B, the rows of a batch. */
  rows: number;
  /** T, the time steps of a batch. */
  steps: number;
  demands?: Demands;
  /** The loss, metrics and optimizer of a program that trains or tests. */
  compiled?: Compiled;
}

/** How a part of a layer is done when batches of this kind run, and why so. */
export interface Explained extends Explanation {
  mode: Mode;
  batchSize: number;
  /** Time steps. */
  steps: number;
}

/** A program with the memory in which single batches are staged for it. */
interface Entry {
  program: Program;
  compiled?: Compiled;
  staging?: Feed;
}

/** The programs of one network, each made when it is first needed. */
export class Programs {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly gpu: Gpu,
    private readonly network: Network,
    private readonly schedule: Schedule,
  ) {}

  /** @throws LimitError if the device has no room for it, telling how large a batch would fit */
  get(key: ProgramKey): Program {
    return this.#entry(key).program;
  }

  /** Where batches given one by one are staged for a program, made by `make` on first use. */
  staging<F extends Feed>(key: ProgramKey, make: (program: Program) => F): F {
    const entry = this.#entry(key);
    entry.staging ??= make(entry.program);
    return entry.staging as F;
  }

  /**
   * Times the candidates for the work of these programs where that was not done before, so that they are made anew with
   * the fastest. Nothing of this model may be waiting to be sent or be under way meanwhile.
   */
  async tune(keys: readonly ProgramKey[]): Promise<void> {
    const questions = new Map(
      keys.flatMap((key) => this.get(key).questions.map((question) => [question.key, question])),
    );
    if (questions.size === 0) return;
    await rehearse(this.gpu, [...questions.values()]);
    this.forget();
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
      if (compiled !== undefined && entry.compiled !== compiled) continue;
      entry.staging?.dataset.dispose();
      entry.staging?.slots?.dispose();
      entry.program.dispose();
      this.#entries.delete(key);
    }
  }

  #entry(key: ProgramKey): Entry {
    const { mode, rows, steps, demands = {} } = key;
    const compiled = mode === 'predict' ? undefined : key.compiled;
    const text = `${mode} ${rows} ${steps} ${JSON.stringify(demands)} ${compiled?.id ?? ''}`;
    let entry = this.#entries.get(text);
    if (!entry) {
      const { gpu, network, schedule } = this;
      try {
        entry = { program: createProgram(gpu, network, mode, rows, steps, compiled, schedule, demands), compiled };
      } catch (cause) {
        throw cause instanceof LimitError ? batchTooLarge(cause, rows, steps) : cause;
      }
      this.#entries.set(text, entry);
    }
    return entry;
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
