import { choose, random } from './random.ts';

/** Numbers in row-major order, as the library takes them. */
export interface Matrix {
  data: Float32Array<ArrayBuffer>;
  shape: number[];
}

/** Sequences with one target each: x [sequences, steps], y [sequences, 1]. */
export interface Labelled {
  x: Matrix;
  y: Matrix;
}

export const SEQUENCE_LENGTH = 20;
export const TRAIN_SEQUENCES = 1000;
export const TEST_SEQUENCES = 200;
/** Cells of the post's network. */
export const UNITS = 10;

/** With this seed each experiment comes out as in the post; with others, some that luck decides do not. */
export const DEFAULT_SEED = 19;

/**
 * The post's data: 1,000 sequences to train and 200 to test. All are zeros, but in each half exactly every second
 * sequence, at random, starts with a one. The target is that first element.
 *
 * The post shows only how the train half is drawn. Its printed test accuracy of 0.525 is 2,100 of 4,000 elements, which takes
 * a test half with exactly 100 ones; so both halves are balanced.
 */
export function makeData(seed: number): { train: Labelled; test: Labelled } {
  const next = random(seed);
  return { train: half(TRAIN_SEQUENCES, next), test: half(TEST_SEQUENCES, next) };
}

function half(sequences: number, next: () => number): Labelled {
  const x = new Float32Array(sequences * SEQUENCE_LENGTH);
  const y = new Float32Array(sequences);
  for (const sequence of choose(sequences, sequences / 2, next)) {
    x[sequence * SEQUENCE_LENGTH] = 1;
    y[sequence] = 1;
  }
  return { x: { data: x, shape: [sequences, SEQUENCE_LENGTH] }, y: { data: y, shape: [sequences, 1] } };
}

/** The first `count` sequences. */
export function take({ x, y }: Labelled, count: number): Labelled {
  const [, length] = x.shape;
  return {
    x: { data: x.data.slice(0, count * length), shape: [count, length] },
    y: { data: y.data.slice(0, count), shape: [count, 1] },
  };
}

/** The sequences as a layer wants them: with one feature a step, [sequences, steps, 1]. */
export function wholeSequences({ x, y }: Labelled): Labelled {
  return { x: { data: x.data, shape: [...x.shape, 1] }, y };
}
