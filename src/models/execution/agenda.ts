import { Frames } from '../../runtime/frames.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { StructArray } from '../../runtime/struct.ts';
import { Tensor } from '../../runtime/tensor.ts';
import { rowStruct, updateStruct } from '../../shaders/prelude/update.ts';
import type { AdamConstants } from '../network/optimizer/optimizers.ts';

const NO_ADAM: AdamConstants = { ONE_MINUS_BETA1: 0, ONE_MINUS_BETA2: 0, EPSILON: 0 };

/** Rows of all updates of a submit together. */
const MOST_ROWS = 65_536;

/** What one update works on (`Update` in prelude/update.wgsl). */
export interface AgendaEntry {
  /** The sample of each row; fewer than the batch size leave the last rows empty. */
  samples: ArrayLike<number>;
  /** The step of the samples at which the batch begins. */
  firstStep: number;
  /** Row b takes slot `firstSlot + b`. */
  firstSlot: number;
  /** 1 for each row whose state is reset first. */
  resets: ArrayLike<number>;
  /** Restores the reset marks that this update consumed, for an update that is never run. */
  restoreMarks?: () => void;
  journalRow: number;
  /** Seed of the random numbers that this update draws, 32 bits. */
  seed: number;
  stepSize: number;
  learningRate: number;
  /** Whether the update only accumulates its gradient, and a later one steps. */
  isAccumulating: boolean;
  /** What the optimizer is, if it is Adam without anything around it. */
  adam?: AdamConstants;
}

/**
 * An update that leaves its model as it is, for one that has stopped among others that go on: without rows and without a step,
 * and with an epsilon that keeps 0 / 0 out of Adam.
 */
export const IDLE: AgendaEntry = {
  samples: [],
  firstStep: 0,
  firstSlot: 0,
  resets: [],
  journalRow: 0,
  seed: 0,
  stepSize: 0,
  learningRate: 0,
  isAccumulating: false,
  adam: { ONE_MINUS_BETA1: 0, ONE_MINUS_BETA2: 0, EPSILON: 1 },
};

interface AgendaOptions {
  /** Updates that one submit can hold; fewer if batches are large. */
  mostUpdates: number;
  /** How many models an update trains, each with an entry of its own. Default: 1. */
  models?: number;
  /** Whether kernels walk through the updates themselves instead of being given one by a frame. Default: false. */
  isWalked?: boolean;
}

/**
 * What the coming updates work on: which sample and which slot each row takes, whether its state is reset first, how
 * long the optimizer's step is. Written once a submit; the kernels of replay k read entry k.
 */
export class Agenda {
  /** Updates that one submit can hold. */
  readonly capacity: number;
  readonly updates: Frames<keyof typeof updateStruct.fields>;
  readonly rows: Tensor;
  readonly #rowValues: StructArray<keyof typeof rowStruct.fields>;
  readonly #models: number;

  constructor(
    gpu: Gpu,
    readonly batchSize: number,
    { mostUpdates, models = 1, isWalked = false }: AgendaOptions,
  ) {
    this.#models = models;
    this.capacity = Math.max(1, Math.min(mostUpdates, Math.floor(MOST_ROWS / (models * batchSize))));
    const entries = this.capacity * models;
    this.rows = Tensor.planned(gpu, 'agenda rows', [entries * batchSize, rowStruct.size / 4]);
    this.updates = new Frames(gpu, 'agenda updates', updateStruct, entries, isWalked ? updateStruct.size : undefined);
    this.#rowValues = new StructArray(rowStruct, entries * batchSize);
  }

  /** Takes the GPU memory, which otherwise happens at the first upload. */
  allocate(): void {
    this.rows.allocate();
    this.updates.allocate();
  }

  /** @param entries one for each model */
  set(index: number, entries: readonly AgendaEntry[]): void {
    entries.forEach((entry, model) => this.#set(index * this.#models + model, entry));
  }

  #set(place: number, entry: AgendaEntry): void {
    const firstRow = place * this.batchSize;
    const { adam = NO_ADAM } = entry;
    const { set: update } = this.updates;
    update.first_row(place, firstRow);
    update.row_count(place, entry.samples.length);
    update.journal_row(place, entry.journalRow);
    update.seed(place, entry.seed);
    update.step_size(place, entry.stepSize);
    update.learning_rate(place, entry.learningRate);
    update.accumulating(place, entry.isAccumulating ? 1 : 0);
    update.one_minus_beta1(place, adam.ONE_MINUS_BETA1);
    update.one_minus_beta2(place, adam.ONE_MINUS_BETA2);
    update.epsilon(place, adam.EPSILON);
    this.#setRows(firstRow, entry);
  }

  #setRows(firstRow: number, { samples, firstSlot, resets, firstStep }: AgendaEntry): void {
    const { set: rows } = this.#rowValues;
    for (let row = 0; row < samples.length; row++) {
      rows.sample(firstRow + row, samples[row]);
      rows.slot(firstRow + row, firstSlot + row);
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
