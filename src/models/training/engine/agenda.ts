import { Frames } from '../../../runtime/frames.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { Tensor } from '../../../runtime/tensor.ts';

/** Numbers of one entry of `rows` (`Row` in prelude/update.wgsl). */
const ROW_WORDS = 4;

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
  /** 1 for each row that starts from zero. */
  fromZero: Uint8Array;
  journalRow: number;
  /** Of the update's random numbers: 32 bits. */
  seed: number;
  stepSize: number;
  learningRate: number;
  /** Whether the gradient is only gathered, and a later update steps. */
  isGathering: boolean;
}

/**
 * What the coming updates work on: which sample and which slot each row takes, whether its state starts from zero, how
 * long the optimizer's step is. Written once a submit; the kernels of replay k read entry k.
 */
export class Agenda {
  /** Updates that one submit can hold. */
  readonly capacity: number;
  readonly updates: Frames;
  readonly rows: Tensor;
  readonly #words: Uint32Array<ArrayBuffer>;

  constructor(
    gpu: Gpu,
    private readonly batchSize: number,
    mostUpdates: number,
  ) {
    const capacity = Math.max(1, Math.min(mostUpdates, Math.floor(MOST_ROWS / batchSize)));
    this.capacity = capacity;
    this.updates = new Frames(gpu, 'agenda updates', capacity);
    this.rows = Tensor.create(gpu, 'agenda rows', [capacity * batchSize, ROW_WORDS]);
    this.#words = new Uint32Array(capacity * batchSize * ROW_WORDS);
  }

  set(index: number, entry: AgendaEntry): void {
    const firstRow = index * this.batchSize;
    const rowCount = entry.samples.length;
    const { journalRow, seed, stepSize, learningRate, isGathering } = entry;
    this.updates.set(index, [firstRow, rowCount, journalRow, seed], [stepSize, learningRate, isGathering ? 1 : 0]);
    for (let row = 0; row < rowCount; row++) {
      const word = (firstRow + row) * ROW_WORDS;
      this.#words[word] = entry.samples[row];
      this.#words[word + 1] = entry.firstSlot + row;
      this.#words[word + 2] = entry.fromZero[row];
      this.#words[word + 3] = entry.firstStep;
    }
  }

  /** Sends the first `count` entries; they apply to what is submitted next. */
  upload(count: number): void {
    this.updates.upload(count);
    this.rows.write(this.#words.subarray(0, count * this.batchSize * ROW_WORDS));
  }

  dispose(): void {
    this.updates.dispose();
    this.rows.dispose();
  }
}
