import { ShapeError } from './errors.ts';

/** Sizes of an array's dimensions, outermost first. */
export type Shape = readonly number[];

/** The shape of one sample, `[timesteps, features]` or `[features]`; timesteps may be `null`, any number. */
export type SampleShape = readonly (number | null)[];

/** How many elements an array of this shape has. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The position in an array of this shape of the element at a row-major index. */
export function positionOf(index: number, shape: Shape): number[] {
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

/** The most dimensions that an error message shows; no shape of a layer has as many. */
const MAX_SIZES = 8;

export function shapeText(shape: readonly (number | string | null)[]): string {
  const sizes = shape.slice(0, MAX_SIZES).map((size) => (typeof size === 'number' ? size : (size ?? 'any')));
  return `[${[...sizes, ...(shape.length > MAX_SIZES ? ['…'] : [])].join(', ')}]`;
}

/** An expected dimension: its name in the error message, and its size, where `null` allows any. */
export interface Dimension {
  name: string;
  size: number | null;
}

/**
 * Compares a shape with the expected dimensions. All shape errors are worded here, so that they read alike.
 *
 * @param where the call and the argument, as the user wrote them: `'model.fit: x'`
 * @param hint a sentence that tells the user what to do
 * @throws ShapeError
 */
export function expectShape(where: string, shape: Shape, expected: readonly Dimension[], hint: string): void {
  const fits =
    shape.length === expected.length && expected.every(({ size }, axis) => size === null || size === shape[axis]);
  if (fits) return;
  const names = shapeText(expected.map(({ name, size }) => (size === null ? name : `${name} = ${size}`)));
  throw new ShapeError(`${where} has shape ${shapeText(shape)}, expected ${names}. ${hint}`);
}
