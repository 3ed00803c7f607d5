import { ShapeError, ValueError } from '../../runtime/errors.ts';
import {
  nestedShape,
  type Nested,
  type NumberArray,
  type NumberList,
  type ShapedInput,
} from '../../runtime/numbers.ts';
import { isList, kindOf, show } from '../../runtime/options.ts';
import { elementCount, positionOf, sameShape, shapeText, type Shape } from '../../runtime/shape.ts';
import { fill, invalidNumber, ALL_NUMBERS, FINITE_NUMBERS, toFloat32, type NumberRules } from './float32.ts';

/** Numbers in row-major order, padded if sequences were given that differ in length, or are shorter than those of a model. */
export interface PaddedArray extends NumberArray {
  /** How many steps each sequence was given with; absent if nothing was padded. */
  lengths?: readonly number[];
}

/** How sequences of different lengths are padded. */
interface Padding {
  /** The number that stands in padded steps. */
  value: number;
  /** The least number of steps after padding. Default: that of the longest sequence. */
  steps?: number;
}

/**
 * Data for a model: numbers with a shape; nested arrays, whose rows may be typed arrays; or one flat array, plain or typed,
 * whose shape follows from the model. Typed arrays may be of any kind; their numbers are converted to float32, and one that is
 * too large for that is an error.
 *
 * Samples x may be given flat, or as one flat row each, if the model's inputShape says how many timesteps they have, and
 * without the last dimension if there is one feature: [samples, timesteps]. Nested sequences may differ in length, and be
 * shorter than the model's timesteps: they are padded on the right to these, or to the longest if they may be any number, and
 * their lengths are those of `lengths` unless shorter ones are given. Targets, and weights of steps, may then be ragged in the
 * same way.
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
 * Converts an array as `toArray` does, and pads nested sequences of different lengths: their steps are the second dimension.
 *
 * @throws ShapeError, ValueError
 */
export function toPadded(where: string, value: ArrayInput, rules: NumberRules, padding: Padding): PaddedArray {
  return isList(value) ? fromNested(where, value, rules, padding) : fromShaped(where, value, rules);
}

/** Pads sequences, [samples, timesteps, ...], to so many steps, and tells how many each was given with. */
export function padSteps({ data, shape, lengths }: PaddedArray, steps: number, value: number): PaddedArray {
  const [samples, given, ...entry] = shape;
  const stride = elementCount(entry);
  const padded = new Float32Array(samples * steps * stride);
  if (value !== 0) padded.fill(value);
  for (let sample = 0; sample < samples; sample++) {
    padded.set(data.subarray(sample * given * stride, (sample + 1) * given * stride), sample * steps * stride);
  }
  const own = lengths ?? Array.from({ length: samples }, () => given);
  return { data: padded, shape: [samples, steps, ...entry], lengths: own };
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
  const list = [...all.slice(0, MAX_LISTED), ...(all.length > MAX_LISTED ? ['…'] : [])].join(', ');
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

const HOW_TO_NEST = 'Give at most 3 levels.';

/** The most names that an error message lists. */
const MAX_LISTED = 8;

function fromShaped(where: string, value: unknown, rules: NumberRules): NumberArray {
  const { data, shape } = (value ?? {}) as Record<'data' | 'shape', unknown>;
  if (data === undefined || !isList(shape)) {
    throw new ShapeError(
      `${where} is ${show(value)}, expected { data: Float32Array, shape: number[] } or nested arrays.`,
    );
  }
  const sizes = Array.from(shape as ArrayLike<number | bigint>, (size) =>
    typeof size === 'bigint' ? Number(size) : size,
  );
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
  if (nested && !sameShape(nested.shape, sizes)) {
    throw new ShapeError(
      `${where} has nested data of shape ${shapeText(nested.shape)} and shape ${shapeText(sizes)}. Make them agree.`,
    );
  }
  if (!nested && data.length !== elementCount(sizes)) {
    throw new ShapeError(
      `${where} has ${data.length} numbers and shape ${shapeText(sizes)}, which asks for ${elementCount(sizes)}. Make them ` +
        `agree.`,
    );
  }
  return (
    nested ?? { data: toFloat32(where, data, (index) => shapeText(positionOf(index, sizes)), rules), shape: sizes }
  );
}

function isBytes(value: unknown): boolean {
  return value instanceof ArrayBuffer || value instanceof DataView;
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && Number.isInteger((value as ArrayLike<unknown> | null)?.length);
}

/** The lengths of the arrays in a list, if they differ. */
function unevenLengths(list: ArrayLike<unknown>): number[] | undefined {
  const lengths: number[] = [];
  let isEven = true;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (!isList(item)) return undefined;
    lengths.push(item.length);
    isEven &&= item.length === lengths[0];
  }
  return isEven ? undefined : lengths;
}

/** @param padding how sequences of different lengths are padded; without it they are refused */
function fromNested(where: string, value: ArrayLike<unknown>, rules: NumberRules, padding?: Padding): PaddedArray {
  const lengths = padding && unevenLengths(value);
  if (!lengths) return fromEven(where, value, rules, nestedShape(where, value, HOW_TO_NEST));
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const [, ...entry] = nestedShape(where, value[lengths.indexOf(longest)], HOW_TO_NEST);
  const shape = [lengths.length, Math.max(longest, padding.steps ?? 0), ...entry];
  const data = new Float32Array(elementCount(shape));
  if (padding.value !== 0) data.fill(padding.value);
  const sample = elementCount(shape.slice(1));
  lengths.forEach((length, index) => {
    const numbers = data.subarray(index * sample, index * sample + length * elementCount(entry));
    fillNested(where, numbers, value[index] as ArrayLike<unknown>, rules, [length, ...entry], [index]);
  });
  return { data, shape, lengths };
}

function fromEven(where: string, value: ArrayLike<unknown>, rules: NumberRules, shape: Shape): NumberArray {
  if (value instanceof Float32Array) {
    return { data: toFloat32(where, value, (index) => shapeText([index]), rules), shape };
  }
  const data = new Float32Array(elementCount(shape));
  fillNested(where, data, value, rules, shape);
  return { data, shape };
}

/**
 * Writes the numbers of nested arrays into `data`.
 *
 * @param shape the shape that they must have
 * @param path the position of `value` in the array that the caller gave, for error messages
 */
function fillNested(
  where: string,
  data: Float32Array,
  value: ArrayLike<unknown>,
  rules: NumberRules,
  shape: Shape,
  path: number[] = [],
): void {
  const outer = path.length;
  let filled = 0;
  const visit = (level: ArrayLike<unknown>): void => {
    const axis = path.length - outer + 1;
    if (axis === shape.length) {
      const wrong = fill(data, filled, level, rules.allowsNonFinite);
      if (wrong >= 0) throw wrongEntry(where, level[wrong], [...path, wrong], undefined, rules);
      filled += level.length;
      return;
    }
    for (let index = 0; index < level.length; index++) {
      const item = level[index];
      path.push(index);
      if (!isList(item) || item.length !== shape[axis]) throw wrongEntry(where, item, path, shape[axis], rules);
      visit(item);
      path.pop();
    }
  };
  visit(value);
}

/**
 * The error for an entry of nested arrays that does not fit.
 *
 * @param length how many entries an array at this place must have; absent if a number must stand there
 */
function wrongEntry(
  where: string,
  item: unknown,
  path: readonly number[],
  length: number | undefined,
  rules: NumberRules,
): ValueError | ShapeError {
  const at = shapeText(path);
  const isNumber = typeof item === 'number' || typeof item === 'bigint';
  if (!isList(item) && (length === undefined || !isNumber)) return invalidNumber(where, item, at, rules);
  const given = isList(item) ? kindOf(item) : show(item);
  if (isList(item) && length !== undefined) {
    return new ShapeError(
      `${where}: the nested arrays are uneven, with ${given} at ${at}, where others have length ` +
        `${length}. Make them alike.`,
    );
  }
  const expected = length === undefined ? 'a number' : `an array of length ${length}`;
  return new ShapeError(
    `${where} holds ${given} at ${at}, expected ${expected}, as in the first entries. Nest all entries alike.`,
  );
}
