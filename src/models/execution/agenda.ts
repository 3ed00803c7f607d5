import { Frames } from '../../runtime/frames.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { StructArray } from '../../runtime/struct.ts';
import { Tensor } from '../../runtime/tensor.ts';
import { rowStruct, updateStruct } from '../../shaders/prelude/update.ts';
import type { AdamConstants } from '../network/optimizer/rules.ts';
import type { Journal } from './journal.ts';

/** The most rows of an agenda, over all updates of a submit. */
const MAX_ROWS = 65_536;

/** The entries of consecutive updates, made of arrays and not of objects, since an update may take less time than an object. */
export interface AgendaEntries {
  /** How many updates they are. */
  count: number;
  /** How many rows of each update have a sample; in the last one they may be fewer. */
  rows: number;
  /** The step of the samples at which the batches begin. */
  firstStep: number;
  /** Where they report; absent if they do not. */
  journal?: Journal;
  /** The number under which the first of them reports. */
  firstNumber: number;
  /** The parts of each model, or a single one for all models if they do not differ. */
  models: readonly ModelEntries[];
}

/** The part of a model in consecutive updates. */
export interface ModelEntries {
  /** The numbers of all samples, those of each update behind those of the one before. */
  samples: ArrayLike<number>;
  /** The slot of each row of an update, or the first one if they follow each other. */
  slots: number | ArrayLike<number>;
  /** 1 for each sample whose state is reset first. Default: none. */
  resets?: ArrayLike<number>;
  /** Restores the reset marks that the updates from one to before another removed, if these will never run. */
  restoreMarks?: (from: number, to: number) => void;
  /** Seeds of the random numbers that the updates draw, 32 bits each. Default: 0. */
  seeds?: ArrayLike<number>;
  /** The optimizer's steps. Default: none, since the updates do not train or the model has stopped. */
  steps?: AgendaSteps;
}

/** The optimizer's steps in consecutive updates. */
export interface AgendaSteps {
  sizes: Float32Array;
  learningRates: Float64Array;
  /** 1 for each update that only accumulates its gradient, so that a later one steps. Default: none. */
  accumulating?: Uint8Array;
  /** The constants of the optimizer if it is plain Adam, for the resident kernel. */
  adam?: AdamConstants;
}

/** The part of a model that has stopped while others of its group go on. It has no rows and no step, so it changes nothing. */
export const IDLE: ModelEntries = { samples: [], slots: 0 };

/** The entry of a single update, which reports nowhere. */
export function entryOf(model: ModelEntries): AgendaEntries {
  return { count: 1, rows: model.samples.length, firstStep: 0, firstNumber: 0, models: [model] };
}

/** A table of the next updates, which is written once a submit. */
export interface Agenda {
  /** The most updates of a submit, whether models share entries or not. */
  readonly capacity: number;
  /** Whether kernels read the seeds of updates. */
  readonly hasSeeds: boolean;
  /** The most updates of a submit that have parts for so many models. */
  capacityFor(models: number): number;
  /**
   * Writes `count` entries from number `from` on as those of update `index` and the ones behind it. All of a submit must have
   * parts for as many models.
   */
  write(index: number, entries: AgendaEntries, from: number, count: number): void;
  /** Sends the first `count` updates; they apply to what is submitted next. */
  upload(count: number): void;
}

/** How many rows update `update` of a model has. */
export function rowsOf({ rows }: AgendaEntries, { samples }: ModelEntries, update: number): number {
  return Math.max(0, Math.min(rows, samples.length - update * rows));
}

/**
 * The agenda of updates whose work is many dispatches: for each update the sample and the slot of every row, whether the row's
 * state is reset first, and the optimizer's step size. The kernels of replay k read entry k.
 */
export class LayeredAgenda implements Agenda {
  readonly hasSeeds = true;
  readonly capacity: number;
  readonly updates: Frames<keyof typeof updateStruct.fields>;
  readonly rows: Tensor;
  readonly #rowValues: StructArray<keyof typeof rowStruct.fields>;

  constructor(
    gpu: Gpu,
    readonly batchSize: number,
    mostUpdates: number,
  ) {
    this.capacity = Math.max(1, Math.min(mostUpdates, Math.floor(MAX_ROWS / batchSize)));
    this.rows = Tensor.planned(gpu, 'agenda rows', [this.capacity * batchSize, rowStruct.size / 4]);
    this.updates = new Frames(gpu, 'agenda updates', updateStruct, this.capacity);
    this.#rowValues = new StructArray(rowStruct, this.capacity * batchSize);
  }

  capacityFor(): number {
    return this.capacity;
  }

  /** Takes the GPU memory, which otherwise happens at the first upload. */
  allocate(): void {
    this.rows.allocate();
    this.updates.allocate();
  }

  write(index: number, entries: AgendaEntries, from = 0, count = entries.count): void {
    for (let n = 0; n < count; n++) this.#set(index + n, entries, from + n);
  }

  #set(index: number, entries: AgendaEntries, which: number): void {
    const { journal, firstNumber, models } = entries;
    const [model] = models;
    const { steps, seeds } = model;
    const { set: update } = this.updates;
    const rows = rowsOf(entries, model, which);
    update.first_row(index, index * this.batchSize);
    update.row_count(index, rows);
    update.journal_row(index, journal?.row(firstNumber + which) ?? 0);
    update.seed(index, seeds?.[which] ?? 0);
    // A step size of 0 changes nothing.
    update.step_size(index, steps?.sizes[which] ?? 0);
    update.learning_rate(index, steps?.learningRates[which] ?? 0);
    update.accumulating(index, steps?.accumulating?.[which] ?? 0);
    for (let row = 0; row < rows; row++) this.#setRow(index * this.batchSize + row, entries, which, row);
  }

  #setRow(index: number, { rows, firstStep, models }: AgendaEntries, which: number, row: number): void {
    const [{ samples, slots, resets }] = models;
    const { set } = this.#rowValues;
    const place = which * rows + row;
    set.sample(index, samples[place]);
    set.slot(index, typeof slots === 'number' ? slots + row : slots[row]);
    set.reset(index, resets?.[place] ?? 0);
    set.first_step(index, firstStep);
  }

  upload(count: number): void {
    this.updates.upload(count);
    this.rows.write(this.#rowValues.first(count * this.batchSize));
  }

  get byteLength(): number {
    return this.updates.byteLength + this.rows.byteLength;
  }

  dispose(): void {
    this.updates.dispose();
    this.rows.dispose();
  }
}
