import { Frames } from '../../runtime/frames.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { StructArray } from '../../runtime/struct.ts';
import { Tensor } from '../../runtime/tensor.ts';
import { rowStruct, updateStruct } from '../../shaders/prelude/update.ts';
import type { AdamConstants } from '../network/optimizer/rules.ts';

const NO_ADAM: AdamConstants = { ONE_MINUS_BETA1: 0, ONE_MINUS_BETA2: 0, EPSILON: 0 };

/** The most rows of an agenda, over all updates and models of a submit. */
const MAX_ROWS = 65_536;

/** The entry of one update in the agenda (`Update` and `Row` in prelude/update.wgsl). */
export interface AgendaEntry {
  /** The number of each row's sample. With fewer samples than the batch size the last rows are empty. */
  samples: ArrayLike<number>;
  /** The step of the samples at which the batch begins. */
  firstStep: number;
  /** The slot of each row, or the first one if they have slots that follow each other. */
  slots: number | ArrayLike<number>;
  /** For each row 1 if its state is reset first, else 0. */
  resets: ArrayLike<number>;
  /** Restores the reset marks that this update removed, if it will never run. */
  restoreMarks?: () => void;
  journalRow: number;
  /** Seed of the random numbers that this update draws, 32 bits. */
  seed: number;
  /** The optimizer's step. Default: none, since the update does not train or its model has stopped. */
  step?: AgendaStep;
}

/** The optimizer's step of an update. */
export interface AgendaStep {
  stepSize: number;
  learningRate: number;
  /** Whether the update only accumulates its gradient, and a later one steps. */
  isAccumulating: boolean;
  /** The constants of the optimizer if it is plain Adam, for the resident kernel. */
  adam?: AdamConstants;
}

/** No step: a step size of 0 changes nothing, and the epsilon keeps Adam from dividing 0 by 0. */
const NO_STEP: AgendaStep = {
  stepSize: 0,
  learningRate: 0,
  isAccumulating: false,
  adam: { ONE_MINUS_BETA1: 0, ONE_MINUS_BETA2: 0, EPSILON: 1 },
};

/** The entry of a model that has stopped while others of its group go on. It has no rows and no step, so it changes nothing. */
export const IDLE: AgendaEntry = {
  samples: [],
  firstStep: 0,
  slots: 0,
  resets: [],
  journalRow: 0,
  seed: 0,
};

interface AgendaOptions {
  /** The most updates of a submit; fewer fit if batches are large. */
  mostUpdates: number;
  /** How many models an update trains, with an entry for each. Default: 1. */
  models?: number;
  /** Whether kernels read the updates as an array and loop over it, instead of one update as a frame. Default: false. */
  isArray?: boolean;
}

/**
 * The table of the next updates: for each update the sample and the slot of every row, whether the row's state is reset first,
 * and the optimizer's step size. It is written once per submit; the kernels of replay k read entry k.
 */
export class Agenda {
  /** The most updates of a submit. */
  readonly capacity: number;
  readonly updates: Frames<keyof typeof updateStruct.fields>;
  readonly rows: Tensor;
  readonly #rowValues: StructArray<keyof typeof rowStruct.fields>;
  readonly #models: number;

  constructor(
    gpu: Gpu,
    readonly batchSize: number,
    { mostUpdates, models = 1, isArray = false }: AgendaOptions,
  ) {
    this.#models = models;
    this.capacity = Math.max(1, Math.min(mostUpdates, Math.floor(MAX_ROWS / (models * batchSize))));
    const entries = this.capacity * models;
    this.rows = Tensor.planned(gpu, 'agenda rows', [entries * batchSize, rowStruct.size / 4]);
    this.updates = new Frames(gpu, 'agenda updates', updateStruct, entries, isArray ? updateStruct.size : undefined);
    this.#rowValues = new StructArray(rowStruct, entries * batchSize);
  }

  /** Takes the GPU memory, which otherwise happens at the first upload. */
  allocate(): void {
    this.rows.allocate();
    this.updates.allocate();
  }

  /** @param entries one for each model */
  set(index: number, entries: readonly AgendaEntry[]): void {
    for (let model = 0; model < entries.length; model++) this.#set(index * this.#models + model, entries[model]);
  }

  #set(index: number, entry: AgendaEntry): void {
    const firstRow = index * this.batchSize;
    const { step = NO_STEP } = entry;
    const { adam = NO_ADAM } = step;
    const { set: update } = this.updates;
    update.first_row(index, firstRow);
    update.row_count(index, entry.samples.length);
    update.journal_row(index, entry.journalRow);
    update.seed(index, entry.seed);
    update.step_size(index, step.stepSize);
    update.learning_rate(index, step.learningRate);
    update.accumulating(index, step.isAccumulating ? 1 : 0);
    update.one_minus_beta1(index, adam.ONE_MINUS_BETA1);
    update.one_minus_beta2(index, adam.ONE_MINUS_BETA2);
    update.epsilon(index, adam.EPSILON);
    this.#setRows(firstRow, entry);
  }

  #setRows(firstRow: number, { samples, slots, resets, firstStep }: AgendaEntry): void {
    const { set: rows } = this.#rowValues;
    for (let row = 0; row < samples.length; row++) {
      rows.sample(firstRow + row, samples[row]);
      rows.slot(firstRow + row, typeof slots === 'number' ? slots + row : slots[row]);
      rows.reset(firstRow + row, resets[row]);
      rows.first_step(firstRow + row, firstStep);
    }
  }

  /** Sends the first `count` updates; they apply to what is submitted next. */
  upload(count: number): void {
    const entries = count * this.#models;
    this.updates.upload(entries);
    this.rows.write(this.#rowValues.first(entries * this.batchSize));
  }

  get byteLength(): number {
    return this.updates.byteLength + this.rows.byteLength;
  }

  dispose(): void {
    this.updates.dispose();
    this.rows.dispose();
  }
}
