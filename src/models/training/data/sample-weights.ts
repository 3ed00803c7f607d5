import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { show } from '../../../runtime/options.ts';
import { sameShape, shapeText, type Shape } from '../../../runtime/shape.ts';
import type { NumberArray } from '../../../runtime/numbers.ts';
import type { ArrayInput } from '../../network/arrays.ts';
import { OTHER_NUMBERS, toFloat32 } from '../../network/float32.ts';
import { besideSamples, type SampleCount } from '../../network/samples.ts';

/** The weight of the samples of each class, by the number of the class; a class that is left out weighs 1. May be negative. */
export type ClassWeight = Readonly<Record<number, number>>;

/**
 * Checks weights, one for each sample, [samples], or one for each of its steps, [samples, timesteps].
 *
 * @param output the shape of a sample's output: [timesteps, features] or [features]
 * @returns [samples, timesteps, 1] or [samples, 1]
 * @throws ShapeError, ValueError
 */
export function toSampleWeights(where: string, value: ArrayInput, samples: SampleCount, output: Shape): NumberArray {
  const steps = output.length === 1 ? 1 : output[0];
  const { count } = samples;
  const perStep = [...output.slice(0, -1), 1];
  const { data, shape } = besideSamples(where, value, samples, perStep, OTHER_NUMBERS);
  const whole = [count, ...perStep];
  if (sameShape(shape, whole)) return { data, shape };
  if (sameShape(shape, [count]) || sameShape(shape, [count, 1])) {
    return { data: Float32Array.from({ length: count * steps }, (_, n) => data[Math.floor(n / steps)]), shape: whole };
  }
  const orPerStep = output.length === 1 ? '' : ` or ${shapeText([count, steps])}`;
  throw new ShapeError(`${where} has shape ${shapeText(shape)}, expected ${shapeText([count])}${orPerStep}.`);
}

/** Copies weights by class, for calls that use them later. @throws ValueError if they are none */
export function copyClassWeight(where: string, weights: ClassWeight): ClassWeight {
  if (typeof weights !== 'object' || weights === null || weights instanceof Map) {
    throw new ValueError(`${where} is ${show(weights)}, expected weights by the numbers of classes: { 0: 1, 1: 5 }.`);
  }
  return { ...weights };
}

/**
 * The weights of samples by the class of their targets: the target itself if it is one number, otherwise the index of the
 * largest.
 *
 * @param count how many classes there are, if that is known
 * @throws ValueError
 */
export function toClassWeights(
  where: string,
  weights: ClassWeight,
  { data, shape }: NumberArray,
  count = Infinity,
): NumberArray {
  const names = Object.keys(copyClassWeight(where, weights));
  const beyond = names.find((name) => Number(name) >= count);
  if (beyond !== undefined) {
    throw new ValueError(`${where} has class ${show(beyond)}, expected classes from 0 to ${count - 1}.`);
  }
  const unknown = names.find((name) => !/^\d+$/.test(name));
  if (unknown !== undefined) {
    throw new ValueError(`${where} has ${show(unknown)}, expected the numbers of classes, e.g. { 0: 1, 1: 5 }.`);
  }
  const numbers = toFloat32(where, Object.values(weights), (index) => `class ${names[index]}`, OTHER_NUMBERS);
  const byClass = new Map(names.map((name, index) => [Number(name), numbers[index]]));
  const classes = shape.at(-1)!;
  const classAt = (position: number): number => {
    const row = data.subarray(position * classes, (position + 1) * classes);
    return classes === 1 ? Math.trunc(row[0]) : row.indexOf(Math.max(...row));
  };
  const all = Float32Array.from({ length: data.length / classes }, (_, n) => byClass.get(classAt(n)) ?? 1);
  return { data: all, shape: [...shape.slice(0, -1), 1] };
}
