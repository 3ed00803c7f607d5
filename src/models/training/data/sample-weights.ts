import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { show } from '../../../runtime/options.ts';
import { shapeText, type Shape } from '../../../runtime/shape.ts';
import { toArray, type ArrayInput, type NumberArray } from '../../network/arrays.ts';
import { toFloat32 } from '../../network/float32.ts';

/** The weight of the samples of each class, by the number of the class; a class that is left out weighs 1. */
export type ClassWeight = Readonly<Record<number, number>>;

/**
 * Checks weights, one for each sample, [samples], or one for each of its steps, [samples, timesteps].
 *
 * @param output the shape of a sample's output: [timesteps, features] or [features]
 * @returns [samples, timesteps, 1] or [samples, 1]
 * @throws ShapeError, ValueError
 */
export function toSampleWeights(where: string, value: ArrayInput, samples: number, output: Shape): NumberArray {
  const { data, shape } = toArray(where, value);
  const steps = output.length === 1 ? 1 : output[0];
  const [count, perSample = 1] = shape;
  const fits = (shape.length === 1 || shape.length === 2) && count === samples && [1, steps].includes(perSample);
  if (!fits) {
    const perStep = output.length === 1 ? '' : ` or ${shapeText([samples, steps])}`;
    throw new ShapeError(`${where} has shape ${shapeText(shape)}, expected ${shapeText([samples])}${perStep}.`);
  }
  const all = Float32Array.from(
    { length: samples * steps },
    (_, n) => data[perSample === 1 ? Math.floor(n / steps) : n],
  );
  return { data: all, shape: [samples, ...output.slice(0, -1), 1] };
}

/**
 * The weights of samples by the class of their targets: the target itself if it is one number, otherwise the index of the
 * largest.
 *
 * @throws ValueError
 */
export function toClassWeights(where: string, weights: ClassWeight, { data, shape }: NumberArray): NumberArray {
  if (typeof weights !== 'object' || weights === null || weights instanceof Map) {
    throw new ValueError(`${where} is ${show(weights)}, expected weights by the numbers of classes: { 0: 1, 1: 5 }.`);
  }
  const names = Object.keys(weights);
  const unknown = names.find((name) => !/^\d+$/.test(name));
  if (unknown !== undefined) {
    throw new ValueError(`${where} has ${show(unknown)}, expected the numbers of classes, e.g. { 0: 1, 1: 5 }.`);
  }
  const numbers = toFloat32(where, Object.values(weights), (index) => `class ${names[index]}`);
  const byClass = new Map(names.map((name, index) => [Number(name), numbers[index]]));
  const classes = shape.at(-1)!;
  const classAt = (position: number): number => {
    const row = data.subarray(position * classes, (position + 1) * classes);
    return classes === 1 ? Math.trunc(row[0]) : row.indexOf(Math.max(...row));
  };
  const all = Float32Array.from({ length: data.length / classes }, (_, n) => byClass.get(classAt(n)) ?? 1);
  return { data: all, shape: [...shape.slice(0, -1), 1] };
}
