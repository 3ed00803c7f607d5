import { ShapeError } from './errors.ts';
import { isList } from './options.ts';
import type { Shape } from './shape.ts';

/** Numbers in row-major order with their shape, as the methods of a model take and give them. */
export interface NumberArray {
  data: Float32Array<ArrayBuffer>;
  shape: Shape;
}

/** A flat list of numbers: a typed array of any kind, or a plain array. */
export type NumberList = ArrayLike<number> | ArrayLike<bigint>;

/** Nested arrays of numbers; the innermost may be typed arrays of any kind. */
export type Nested = readonly (number | bigint | NumberList | Nested)[];

/** Numbers with their shape, as they are given. */
export interface ShapedInput {
  data: NumberList | Nested;
  /** Whole numbers, outermost dimension first, in a plain or a typed array. */
  shape: ArrayLike<number>;
}

/** The deepest nesting that is looked into: more than any input has, and a limit for arrays that contain themselves. */
const MAX_DIMENSIONS = 8;

/**
 * The shape of nested arrays, taken from their first entries.
 *
 * @param advice a sentence that tells the user what to give instead
 * @throws ShapeError if they are nested too deep
 */
export function nestedShape(where: string, value: unknown, advice: string): number[] {
  const shape: number[] = [];
  for (let level = value; isList(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > MAX_DIMENSIONS) {
      throw new ShapeError(`${where} is nested more than ${MAX_DIMENSIONS} deep, or holds itself. ${advice}`);
    }
  }
  return shape;
}
