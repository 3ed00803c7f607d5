import type { Inputs } from '../works/inputs.ts';
import type { Work } from '../works/work.ts';
import type { ContenderId } from './names.ts';

/** A way to do the works: a column of a table. */
export interface Contender<I extends string = ContenderId> {
  id: I;
  /** Whether it can do this work at all. */
  can(work: Work): boolean;
  prepare(work: Work, inputs: Inputs): Promise<Task>;
}

/** A work in the hands of a contender. */
export interface Task {
  /** Trains on so many batches from the first on, or does the work with the first so many times; settles with the results. */
  run(times: number): Promise<void>;
  /**
   * What is compared: the weights as they are now, in the order of the inputs, or the last outputs. For a `generate`, the
   * classes that the last run drew, [B, times], and the probabilities after one more step, which it makes, [B, outputs].
   */
  result(): Promise<Float32Array[]>;
  /** So many pieces make a call, where one call does several. A sample has a multiple of them. Default: 1. */
  piecesOfCall?: number;
  /** How it does the work, where it chose among several candidates. */
  explain?(): readonly object[];
  dispose(): void;
}

export const LEARNING_RATE = 0.001;
/** Adam's. So small that it does not matter that TF.js adds it to the corrected second moment and others to the raw one. */
export const EPSILON = 1e-10;
