import { BusyError, ShapeError, type LstmWebGpuError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { elementCount } from '../../runtime/shape.ts';
import type { Network } from '../network.ts';
import type { Random } from '../random.ts';
import { createProgram, type Schedule } from '../schedules/choose.ts';
import type { Mode, Program } from '../schedules/program.ts';
import type { Compiled } from './compile.ts';
import { Dataset } from './dataset.ts';

import { UpdateQueue } from './update-queue.ts';

/** Bytes of samples that wait on the GPU for un-awaited calls on single batches. */
const STAGING_BYTES = 4 * 2 ** 20;

/** Runs updates of one network: keeps its programs, sends updates in order, knows which slots are in use. */
export class Engine {
  compiled?: Compiled;
  readonly queue: UpdateQueue;
  /** Validation has slots of its own, behind those of training. */
  isValidating = false;
  #running?: string;
  readonly #programs = new Map<string, Program>();
  readonly #staging = new Map<Program, Dataset>();

  constructor(
    readonly gpu: Gpu,
    readonly network: Network,
    private readonly schedule: Schedule,
    private readonly random: Random,
  ) {
    this.queue = new UpdateQueue(gpu);
  }

  /** The first slot of the rows at work: those of training, or those of validation. */
  get firstSlot(): number {
    return this.isValidating ? this.network.batchSize! : 0;
  }

  /** @throws BusyError while `fit`, `evaluate` or `predict` runs */
  assertIdle(where: string): void {
    if (this.#running === undefined) return;
    throw new BusyError(
      `${where}: ${this.#running} is still running on this model and the two would mix their batches. Await it first; ` +
        `to end a fit early, set model.stopTraining = true.`,
    );
  }

  /** Runs `work` alone. @throws BusyError if another such run is under way */
  async runAlone<T>(where: string, work: () => Promise<T>): Promise<T> {
    this.assertIdle(where);
    this.#running = where;
    try {
      return await work();
    } finally {
      this.#running = undefined;
    }
  }

  /** @throws ShapeError if a stateful model has fewer slots than the batch has rows */
  assertFits(where: string, rows: number): void {
    const { slots, batchSize } = this.network;
    if (!slots || rows <= batchSize!) return;
    throw new ShapeError(
      `${where}: a batch of ${rows} rows, but this stateful model keeps ${batchSize} states, one a row. Use a batch ` +
        `size of at most ${batchSize}, or build the model with batchSize: ${rows}.`,
    );
  }

  /** The program for a batch size and a number of steps, made on first use. */
  program(mode: Mode, rows: number, steps: number): Program {
    const key = `${mode} ${rows} ${steps}`;
    let program = this.#programs.get(key);
    if (!program) {
      const compiled = mode === 'predict' ? undefined : this.compiled;
      program = createProgram(this.gpu, this.network, mode, rows, steps, compiled, this.schedule);
      this.#programs.set(key, program);
    }
    return program;
  }

  /** Where batches given one by one are laid down, many beside each other. */
  staging(program: Program): Dataset {
    let dataset = this.#staging.get(program);
    if (!dataset) {
      const { inputSample, outputSample, rows, agenda } = program;
      const bytes = 4 * rows * (elementCount(inputSample) + elementCount(outputSample));
      const batches = Math.max(1, Math.min(agenda.capacity, Math.floor(STAGING_BYTES / bytes)));
      dataset = new Dataset(this.gpu, program, batches * rows);
      this.#staging.set(program, dataset);
    }
    return dataset;
  }

  /**
   * Queues one update; the marks of resets are taken now, so their order among the calls is kept.
   *
   * @returns the number under which the update reports in the journal
   */
  push(
    dataset: Dataset,
    samples: ArrayLike<number>,
    upload?: { x: Float32Array<ArrayBuffer>; y?: Float32Array<ArrayBuffer> },
  ): number {
    const { compiled, firstSlot } = this;
    const { slots } = this.network;
    const { mode } = dataset.program;
    const number = mode === 'predict' ? 0 : compiled!.journal.take();
    const fromZero = new Uint8Array(samples.length).fill(1);
    if (slots) {
      for (let row = 0; row < samples.length; row++) fromZero[row] = slots.takeReset(firstSlot + row) ? 1 : 0;
    }
    const journalRow = mode === 'predict' ? 0 : compiled!.journal.row(number);
    const isTraining = mode === 'train';
    const stepSize = isTraining ? compiled!.nextStepSize() : 0;
    const learningRate = isTraining ? compiled!.optimizer.learningRate : 0;
    const seed = isTraining ? this.random.integer() : 0;
    const entry = { samples, firstSlot, fromZero, journalRow, seed, stepSize, learningRate };
    this.queue.push({ dataset, entry, upload: upload && { first: samples[0], ...upload } });
    return number;
  }

  /** Frees data sets, after sending the updates that still wait for them: those queued before an error, say. */
  async release(...datasets: (Dataset | undefined)[]): Promise<void> {
    // If sending fails, the error that ended the run has told why.
    await this.queue.flush().catch(() => {});
    for (const dataset of datasets) dataset?.dispose();
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
    this.#disposePrograms(() => true);
    this.compiled?.dispose();
  }

  #disposePrograms(which: (program: Program) => boolean): void {
    for (const [key, program] of this.#programs) {
      if (!which(program)) continue;
      this.#staging.get(program)?.dispose();
      this.#staging.delete(program);
      program.dispose();
      this.#programs.delete(key);
    }
  }
}
