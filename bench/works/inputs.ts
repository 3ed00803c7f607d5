import { random } from '../../demo/experiments/data/random.ts';
import { featuresOfLayers, type Work } from './work.ts';

/** What every contender is given for a work: the same weights and the same samples. */
export interface Inputs {
  /** In Keras' order and layout: kernel [I, 4H], recurrent kernel [H, 4H], bias [4H], and of a head [H, outputs] and [outputs]. */
  weights: readonly { shape: number[]; data: Float32Array<ArrayBuffer> }[];
  /** So many batches of samples one after the other, each [B, T, I]; after `POOL` they come again. */
  x(batches: number): Float32Array<ArrayBuffer>;
  /** Their targets, [B, 1] each. */
  y(batches: number): Float32Array<ArrayBuffer>;
}

/** Of all weights and samples; cudnn.py has the same. */
export const SEED = 1;

/** Different batches of a work; of a large one they would take gigabytes. */
const POOL = 16;
const LARGE_POOL = 1;

/**
 * Random weights and samples. Targets are random numbers between 0 and 1 which no network can learn for good, so that
 * gradients stay as large as they are in training.
 */
export function makeInputs(work: Work, seed: number): Inputs {
  const next = random(seed);
  const numbers = (length: number, least: number, most: number) =>
    Float32Array.from({ length }, () => least + (most - least) * next());
  const { batch, steps, features, isLarge } = work;
  const pool = isLarge ? LARGE_POOL : POOL;
  const weights = weightShapes(work).map((shape) => {
    // As large as Glorot's, so that gates are neither linear nor saturated.
    const limit = Math.sqrt(6 / shape.reduce((sum, size) => sum + size, 0));
    return {
      shape,
      data: numbers(
        shape.reduce((product, size) => product * size, 1),
        -limit,
        limit,
      ),
    };
  });
  const samples = numbers(pool * batch * steps * features, -1, 1);
  const targets = numbers(pool * batch, 0, 1);
  return {
    weights,
    x: (batches) => repeated(samples, batches * batch * steps * features),
    y: (batches) => repeated(targets, batches * batch),
  };
}

function weightShapes(work: Work): number[][] {
  const { kind, features, units, outputs = 1 } = work;
  if (kind === 'product') return [[features, units]];
  const lstm = featuresOfLayers(work).flatMap((inner) => [[inner, 4 * units], [units, 4 * units], [4 * units]]);
  const hasHead = kind === 'train' || kind === 'push' || kind === 'generate';
  return hasHead ? [...lstm, [units, outputs], [outputs]] : lstm;
}

/** The first `length` numbers of endless repetitions. */
function repeated(numbers: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  if (length <= numbers.length) return numbers.subarray(0, length);
  const result = new Float32Array(length);
  for (let start = 0; start < length; start += numbers.length) {
    result.set(numbers.subarray(0, length - start), start);
  }
  return result;
}
