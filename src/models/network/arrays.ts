import { ShapeError, ValueError } from '../../runtime/errors.ts';
import { isList, show } from '../../runtime/options.ts';
import { elementCount, expectShape, sameShape, shapeText, type Shape, type SampleShape } from '../../runtime/shape.ts';
import { fill, invalidNumber, ALL_NUMBERS, FINITE_NUMBERS, toFloat32, type NumberRules } from './float32.ts';

/** Numbers in row-major order with their shape. */
export interface NumberArray {
  data: Float32Array<ArrayBuffer>;
  shape: Shape;
}

/** Numbers one behind the other: a typed array of any kind, or a plain array. */
type NumberList = ArrayLike<number> | ArrayLike<bigint>;

type Nested = readonly (number | bigint | NumberList | Nested)[];

/** Numbers with their shape, as they are given. */
interface ShapedInput {
  data: NumberList | Nested;
  shape: Shape;
}

/**
 * Data for a model: numbers with a shape, or nested arrays, whose rows may be typed arrays. Typed arrays may be of any kind;
 * their numbers are converted to float32, and one that is too large for that is an error.
 */
export type ArrayInput = ShapedInput | NumberList | Nested;

/** A weight or a state that a caller sets. If it has a name, that must be the right one. */
export type NamedInput = ArrayInput | (ShapedInput & { name?: string });

/**
 * Converts an array from the user to float32 numbers with a shape.
 *
 * @returns the caller's own memory where that is a Float32Array already
 * @throws ShapeError if it is ragged or its shape does not fit its length; ValueError if it holds anything but numbers
 *   that float32 can hold, or numbers that are not finite where the rules do not allow them
 */
export function toArray(where: string, value: ArrayInput, rules: NumberRules = FINITE_NUMBERS): NumberArray {
  return isList(value) ? fromNested(where, value, rules) : fromShaped(where, value, rules);
}

/**
 * Samples for the input of a model: [samples, timesteps, features], [samples, features], or [samples, timesteps] of indices.
 *
 * @param names what the dimensions of a sample are
 * @throws ShapeError, ValueError
 */
export function toSamples(
  where: string,
  value: ArrayInput,
  sample: SampleShape,
  names = sample.length === 1 ? ['features'] : ['timesteps', 'features'],
): NumberArray {
  const array = toArray(where, value);
  const expected = [{ name: 'samples', size: null }, ...sample.map((size, axis) => ({ name: names[axis], size }))];
  if (array.data.length === 0) {
    const what = array.shape[0] === 0 ? 'samples' : (['samples', ...names][array.shape.indexOf(0)] ?? 'numbers');
    throw new ShapeError(`${where} has shape ${shapeText(array.shape)}: it holds no ${what}. Give at least one.`);
  }
  const isSample = (shape: Shape) =>
    shape.length === sample.length && sample.every((size, axis) => size === null || size === shape[axis]);
  let hint = `Reshape it, or build the model with another inputShape.`;
  if (isSample(array.shape)) hint = `For one sample, give shape ${shapeText([1, ...array.shape])}.`;
  else if (isSample([...array.shape.slice(1), 1])) {
    hint = `For one feature a step, give shape ${shapeText([...array.shape, 1])}.`;
  } else if (names[0] === 'timesteps' && isSample([sample[0]!, ...array.shape.slice(2)])) {
    const anyLength = ['null', ...sample.slice(1)].join(', ');
    hint = `Pad or cut the sequences, or build the model with inputShape: [${anyLength}], for any number of steps.`;
  }
  expectShape(where, array.shape, expected, hint);
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

/**
 * The numbers of weights or states, given in the order in which they are expected.
 *
 * @param words `what` is the noun for one of them in error messages, and `from` the function that returns them
 * @returns arrays that may be the caller's own memory
 * @throws ShapeError, ValueError
 */
export function toNamed(
  where: string,
  { what, from }: { what: string; from: string },
  given: readonly NamedInput[],
  expected: readonly { name: string; shape: Shape }[],
): Float32Array<ArrayBuffer>[] {
  const all = expected.map(({ name, shape }) => `${name} ${shapeText(shape)}`);
  const list = [...all.slice(0, MOST_LISTED), ...(all.length > MOST_LISTED ? ['…'] : [])].join(', ');
  if (!Array.isArray(given)) {
    throw new ShapeError(`${where}: got ${show(given)}, expected a list of ${expected.length} ${what}s: ${list}.`);
  }
  if (given.length !== expected.length) {
    throw new ShapeError(`${where}: got ${given.length} ${what}s, expected ${expected.length}: ${list}.`);
  }
  return expected.map(({ name, shape }, index) => {
    const value = given[index] as NamedInput;
    const givenName = (value as { name?: unknown } | null | undefined)?.name;
    if (givenName !== undefined && givenName !== name) {
      throw new ValueError(
        `${where}: ${what} ${index} is named ${show(givenName)}, expected ${show(name)} ${shapeText(shape)}. Give the ` +
          `${what}s in the order of ${from}; leave the names out to use those of other layers.`,
      );
    }
    const array = toArray(`${where}: ${what} ${index}, ${name},`, value, ALL_NUMBERS);
    if (!sameShape(array.shape, shape)) {
      throw new ShapeError(
        `${where}: ${what} ${index} has shape ${shapeText(array.shape)}, expected ${all[index]}. Give the ${what}s in the ` +
          `order of ${from}: ${list}.`,
      );
    }
    return array.data;
  });
}

/** The most names that an error message lists. */
const MOST_LISTED = 8;

function fromShaped(where: string, value: unknown, rules: NumberRules): NumberArray {
  const { data, shape } = (value ?? {}) as Record<'data' | 'shape', unknown>;
  if (data === undefined || !isList(shape)) {
    throw new ShapeError(
      `${where} is ${show(value)}, expected { data: Float32Array, shape: number[] } or nested arrays.`,
    );
  }
  const sizes = Array.from(shape as ArrayLike<number>);
  if (!isList(data) && !isArrayLike(data)) {
    throw new ShapeError(
      `${where} has data ${show(data)}, expected a typed array or an array of numbers. ` +
        (isBytes(data)
          ? `Tell how its bytes are to be read, e.g. new Float32Array(buffer).`
          : `JSON makes an object of a typed array: write Array.from(data) into it.`),
    );
  }
  if (!sizes.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new ShapeError(`${where} has shape ${show(sizes)}, expected whole numbers, one for each dimension.`);
  }
  const nested = isList(data[0]) ? fromNested(where, data, rules) : undefined;
  if (data.length !== (nested ? sizes[0] : elementCount(sizes))) {
    throw new ShapeError(
      `${where} has ${nested?.data.length ?? data.length} numbers and shape ${shapeText(sizes)}, which asks for ` +
        `${elementCount(sizes)}. Make them agree.`,
    );
  }
  if (nested && !sameShape(nested.shape, sizes)) {
    throw new ShapeError(
      `${where} has nested data of shape ${shapeText(nested.shape)} and shape ${shapeText(sizes)}. Make them agree.`,
    );
  }
  return nested ?? { data: toFloat32(where, data, (index) => shapeText(position(index, sizes)), rules), shape: sizes };
}

function isBytes(value: unknown): boolean {
  return value instanceof ArrayBuffer || value instanceof DataView;
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && Number.isInteger((value as ArrayLike<unknown> | null)?.length);
}

/** The deepest nesting that is looked into: more than any input has, and a limit for arrays that contain themselves. */
const MOST_DIMENSIONS = 8;

/** The shape of nested arrays, taken from their first entries. @throws ShapeError if they are nested too deep */
function nestedShape(where: string, value: ArrayLike<unknown>): number[] {
  const shape: number[] = [];
  for (let level: unknown = value; isList(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > MOST_DIMENSIONS) {
      throw new ShapeError(
        `${where} is nested more than ${MOST_DIMENSIONS} deep, or holds itself. Give at most 3 levels.`,
      );
    }
  }
  return shape;
}

function fromNested(where: string, value: ArrayLike<unknown>, rules: NumberRules): NumberArray {
  const shape = nestedShape(where, value);
  if (value instanceof Float32Array) {
    return { data: toFloat32(where, value, (index) => shapeText([index]), rules), shape };
  }
  const data = new Float32Array(elementCount(shape));
  const path: number[] = [];
  let filled = 0;
  const wrongAt = (item: unknown): ValueError | ShapeError => {
    const at = shapeText(path);
    const isNumber = typeof item === 'number' || typeof item === 'bigint';
    if (!isList(item) && (path.length === shape.length || !isNumber)) {
      return invalidNumber(where, item, at, rules);
    }
    return new ShapeError(
      `${where}: the nested arrays are uneven, with ${show(item)} at ${at}; the first entries have shape ` +
        `${shapeText(shape)}, so all must. Pad the shorter ones.`,
    );
  };
  const visit = (level: ArrayLike<unknown>): void => {
    const axis = path.length + 1;
    if (axis === shape.length) {
      const wrong = fill(data, filled, level, rules.allowsNonFinite);
      if (wrong >= 0) {
        path.push(wrong);
        throw wrongAt(level[wrong]);
      }
      filled += level.length;
      return;
    }
    for (let index = 0; index < level.length; index++) {
      const item = level[index];
      path.push(index);
      if (!isList(item) || item.length !== shape[axis]) throw wrongAt(item);
      visit(item);
      path.pop();
    }
  };
  visit(value);
  return { data, shape };
}

/** The position in an array of this shape of the element at a row-major index. */
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
