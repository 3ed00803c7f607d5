import { ShapeError, ValueError } from '../runtime/errors.ts';
import { elementCount, expectShape, shapeText, type Shape } from '../runtime/shape.ts';
import type { SampleShape } from './layers/layer.ts';

/** Numbers in row-major order with their shape. */
export interface NumberArray {
  data: Float32Array<ArrayBuffer>;
  shape: Shape;
}

type Nested = readonly (number | Nested)[];

/** What models take as data: numbers with a shape, or arrays of arrays of numbers. */
export type ArrayInput = { data: ArrayLike<number>; shape: Shape } | Nested;

/**
 * Checks an array from the user and brings it into the one form used inside.
 *
 * @throws ShapeError if it is ragged or its shape does not fit its length; ValueError if it holds NaN or Infinity
 */
export function toArray(where: string, value: ArrayInput): NumberArray {
  const array = Array.isArray(value)
    ? fromNested(where, value)
    : fromShaped(where, value as { data: ArrayLike<number>; shape: Shape });
  const wrong = array.data.findIndex((number) => !Number.isFinite(number));
  if (wrong >= 0) {
    throw new ValueError(
      `${where} holds ${array.data[wrong]} at ${shapeText(position(wrong, array.shape))}, expected finite numbers. ` +
        `Replace or drop missing values before training.`,
    );
  }
  return array;
}

/**
 * Samples for the input of a model, [samples, timesteps, features] or [samples, features].
 *
 * @throws ShapeError, ValueError
 */
export function toSamples(where: string, value: ArrayInput, sample: SampleShape): NumberArray {
  const array = toArray(where, value);
  const names = sample.length === 1 ? ['features'] : ['timesteps', 'features'];
  const expected = [{ name: 'samples', size: null }, ...sample.map((size, axis) => ({ name: names[axis], size }))];
  const features = sample.at(-1);
  const hint =
    features === 1 && array.shape.length === sample.length
      ? `For one feature a step, give shape ${shapeText([...array.shape, 1])}.`
      : `Reshape it, or build the model with another inputShape.`;
  expectShape(where, array.shape, expected, hint);
  if (array.shape[0] === 0 || array.data.length === 0) {
    throw new ShapeError(`${where} has shape ${shapeText(array.shape)}: it holds no samples. Give at least one.`);
  }
  return array;
}

/**
 * Targets for the output of a model; one number a sample may be given as [samples].
 *
 * @throws ShapeError, ValueError
 */
export function toTargets(where: string, value: ArrayInput, samples: number, output: Shape): NumberArray {
  const array = toArray(where, value);
  const shape = array.shape.length === output.length && output.at(-1) === 1 ? [...array.shape, 1] : array.shape;
  const names = output.length === 1 ? ['outputs'] : ['timesteps', 'outputs'];
  const expected = [{ name: 'samples', size: samples }, ...output.map((size, axis) => ({ name: names[axis], size }))];
  expectShape(where, shape, expected, `It needs one target for each sample of x, shaped as the model's output.`);
  return { data: array.data, shape };
}

function fromShaped(where: string, value: { data: ArrayLike<number>; shape: Shape } | undefined): NumberArray {
  const { data, shape } = value ?? {};
  if (data === undefined || typeof data.length !== 'number' || !Array.isArray(shape)) {
    throw new ShapeError(
      `${where} is ${describe(value)}, expected { data: Float32Array, shape: number[] } or nested arrays.`,
    );
  }
  if (!shape.every((size) => Number.isInteger(size) && size >= 0) || data.length !== elementCount(shape)) {
    throw new ShapeError(
      `${where} has ${data.length} numbers and shape ${shapeText(shape)}, which asks for ${elementCount(shape)}. ` +
        `Make them agree.`,
    );
  }
  return { data: data instanceof Float32Array ? (data as Float32Array<ArrayBuffer>) : Float32Array.from(data), shape };
}

function fromNested(where: string, value: Nested): NumberArray {
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const data = new Float32Array(elementCount(shape));
  let filled = 0;
  const fill = (level: unknown, axis: number): void => {
    const isNumber = axis === shape.length && typeof level === 'number';
    const isList = axis < shape.length && Array.isArray(level) && level.length === shape[axis];
    if (!isNumber && !isList) {
      throw new ShapeError(
        `${where}: the nested arrays are uneven or hold ${describe(level)}; the first entries have shape ` +
          `${shapeText(shape)}, so all must. Pad the shorter ones.`,
      );
    }
    if (isNumber) data[filled++] = level;
    else for (const item of level as Nested) fill(item, axis + 1);
  };
  fill(value, 0);
  return { data, shape };
}

function position(index: number, shape: Shape): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((size) => {
      const at = rest % size;
      rest = Math.floor(rest / size);
      return at;
    })
    .toReversed();
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  return value === null || typeof value !== 'object'
    ? String(value)
    : `an object with ${Object.keys(value).join(', ') || 'no keys'}`;
}
