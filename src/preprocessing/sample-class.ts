import { ValueError } from '../runtime/errors.ts';
import { isList, knownOptions, nonNegative, positiveInteger, show } from '../runtime/options.ts';

export interface SampleClassOptions {
  /** A whole number of 32 bits. */
  seed: number;
  /** The number of the step: each has a random number of its own. */
  step: number;
  /** Below 1 likely classes become likelier, above 1 less likely ones; 0 takes the likeliest. Default: 1. */
  temperature?: number;
  /** Only so many of the likeliest classes are drawn. Default: all. */
  topK?: number;
}

/**
 * Draws a class from probabilities, [classes], as step number `step` of `stream.generate` with the same seed does on the GPU.
 * Both compute in float32 and in the same order, so that the same probabilities give the same class. The last bits of a power
 * differ between processors, so with a temperature other than 1 one draw in a million may differ.
 *
 * @returns the index of the class
 * @throws ValueError if an option has a wrong value, or these are no probabilities
 */
export function sampleClass(probabilities: ArrayLike<number>, options: SampleClassOptions): number {
  const where = 'sampleClass';
  knownOptions(where, options, ['seed', 'step', 'temperature', 'topK']);
  const p = checkProbabilities(where, probabilities);
  const { seed, step, temperature = 1, topK = p.length } = options;
  for (const [name, value] of Object.entries({ seed, step })) {
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) continue;
    throw new ValueError(`${where}: ${name} is ${show(value)}, expected a whole number from 0 to ${2 ** 32 - 1}.`);
  }
  const order = Array.from(p.keys()).sort((a, b) => p[b] - p[a] || a - b);
  const [best] = order;
  if (nonNegative(where, 'temperature', temperature) === 0) return best;
  const kept = order.slice(0, positiveInteger(where, 'topK', topK)).sort((a, b) => a - b);
  const exponent = Math.fround(1 / Math.fround(temperature));
  const weightOf = (k: number) => (temperature === 1 ? p[k] : Math.fround(Math.fround(p[k] / p[best]) ** exponent));
  const total = kept.reduce((sum, k) => Math.fround(sum + weightOf(k)), 0);
  const goal = Math.fround(uniform(seed, step) * total);
  const possible = kept.filter((k) => p[k] > 0);
  let sum = 0;
  // Where rounding leaves a rest, the last class takes it.
  return possible.find((k) => (sum = Math.fround(sum + weightOf(k))) > goal) ?? possible.at(-1)!;
}

/** @throws ValueError unless they are numbers of at least 0, and not all 0 */
function checkProbabilities(where: string, probabilities: ArrayLike<number>): Float32Array {
  if (!isList(probabilities)) {
    throw new ValueError(`${where}: probabilities is ${show(probabilities)}, expected a list: prediction.row(0).`);
  }
  const p = Float32Array.from(probabilities);
  const wrong = p.findIndex((value) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) {
    throw new ValueError(`${where}: probability ${wrong} is ${p[wrong]}, expected a number of at least 0.`);
  }
  if (p.some((value) => value > 0)) return p;
  throw new ValueError(`${where}: got ${p.length} probabilities, none of which is above 0.`);
}

/** A number on the multiples of 2^-24 in [0, 1): the hash PCG3D of seed and step (Jarzynski & Olano 2020). */
function uniform(seed: number, step: number): number {
  let [x, y, z] = [step, seed, 0].map((word) => (Math.imul(word, 1664525) + 1013904223) | 0);
  const stir = () => {
    x = (x + Math.imul(y, z)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
  };
  stir();
  [x, y, z] = [x, y, z].map((word) => word ^ (word >>> 16));
  stir();
  return (x >>> 8) / 2 ** 24;
}
