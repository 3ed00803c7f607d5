import { ShapeError, ValueError } from '../runtime/errors.ts';
import { nestedShape, type Nested, type NumberList, type ShapedInput } from '../runtime/numbers.ts';
import { isList, show } from '../runtime/options.ts';
import { elementCount, shapeText, type Shape } from '../runtime/shape.ts';

/**
 * Numbers as people have them: a list, rows of them, nested arrays, or `{ data, shape }` as models give them. Lists and rows
 * may be typed arrays of any kind.
 */
export type NumberInput = ShapedInput | NumberList | Nested;

/** Numbers in float64, so that large ones, such as times in ms, keep their digits until they are scaled. */
export interface Numbers {
  data: Float64Array<ArrayBuffer>;
  shape: Shape;
}

/** Numbers in row-major order with their shape, none of them rounded: float32 where that holds all of them, or else float64. */
export interface UnroundedArray {
  data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  shape: Shape;
}

/** A series of rows, one a time step. */
export interface Series {
  data: Float64Array<ArrayBuffer>;
  steps: number;
  features: number;
  /** The shape of a step: [features], or [] where the series is a list of numbers. */
  stepShape: Shape;
}

const HOW_TO_FILL = 'Fill in missing values, or leave them out.';

/**
 * Reads numbers in any of the forms of `NumberInput`.
 *
 * @param where the call and the argument, for error messages: `'windows: series'`
 * @throws ShapeError if rows differ in length or a shape does not fit; ValueError if something is not a finite number
 */
export function readNumbers(where: string, value: unknown): Numbers {
  if (isList(value)) return readNested(where, value);
  const { data, shape } = (value ?? {}) as { data?: unknown; shape?: unknown };
  if (!isList(data) || !isList(shape)) {
    throw new ShapeError(
      `${where} is ${show(value)}, expected a list of numbers, rows of numbers, or { data, shape }.`,
    );
  }
  const sizes = Array.from(shape as ArrayLike<number>);
  const numbers = readNested(where, data);
  if (sizes.every((size) => Number.isInteger(size) && size >= 0) && numbers.data.length === elementCount(sizes)) {
    return { data: numbers.data, shape: sizes };
  }
  throw new ShapeError(
    `${where} has ${numbers.data.length} numbers and shape ${shapeText(sizes)}. Make them agree: the product of the sizes ` +
      `is the number of numbers.`,
  );
}

/** Reads a series, [steps] or [steps, features]. @throws ShapeError, ValueError */
export function readSeries(where: string, value: unknown): Series {
  const { data, shape } = readNumbers(where, value);
  if (shape.length > 2) {
    throw new ShapeError(`${where} has shape ${shapeText(shape)}, expected [steps] or [steps, features]: one series.`);
  }
  if (data.length === 0)
    throw new ShapeError(`${where} has shape ${shapeText(shape)}: it is empty. Give at least one step.`);
  const stepShape = shape.slice(1);
  return { data, steps: shape[0], features: elementCount(stepShape), stepShape };
}

/** The numbers as float32, which is half as large and goes to the GPU as it is, if none of them would be rounded. */
export function unrounded({ data, shape }: Numbers): UnroundedArray {
  const isExact = data.every((value) => Math.fround(value) === value);
  return { data: isExact ? Float32Array.from(data) : data, shape };
}

function readNested(where: string, list: ArrayLike<unknown>): Numbers {
  const shape = nestedShape(where, list, 'Give rows of numbers.');
  const data = new Float64Array(elementCount(shape));
  let filled = 0;
  const visit = (level: unknown, path: number[]): void => {
    if (!isList(level)) throw otherDimensions(where, level, path, 'a list');
    if (level.length !== shape[path.length]) {
      throw new ShapeError(
        `${where}: the rows are uneven, with ${show(level)} at ${shapeText(path)}; the first entries have shape ` +
          `${shapeText(shape)}, so all must. Pad the shorter ones.`,
      );
    }
    const isRow = path.length + 1 === shape.length;
    for (let index = 0; index < level.length; index++) {
      const item = level[index];
      if (!isRow) visit(item, [...path, index]);
      else if (typeof item === 'number' && Number.isFinite(item)) data[filled++] = item;
      else data[filled++] = numberOf(where, item, [...path, index]);
    }
  };
  visit(list, []);
  return { data, shape };
}

function otherDimensions(where: string, item: unknown, path: readonly number[], expected: string): ShapeError {
  return new ShapeError(
    `${where} holds ${show(item)} at ${shapeText(path)}, expected ${expected}, as the first entries have. Give all of them ` +
      `the same dimensions.`,
  );
}

/** The number that a bigint holds. @throws ShapeError for a list; ValueError for all else that is no finite number */
function numberOf(where: string, item: unknown, path: readonly number[]): number {
  if (typeof item === 'bigint') return Number(item);
  if (isList(item)) throw otherDimensions(where, item, path, 'a number');
  const isText = typeof item === 'string' && item !== '';
  throw new ValueError(
    `${where} holds ${show(item)} at ${shapeText(path)}, expected a finite number. ` +
      (isText ? 'Convert it first, e.g. with Number().' : HOW_TO_FILL),
  );
}
