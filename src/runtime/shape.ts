import { ShapeError } from './errors.ts';

/** Sizes of an array's dimensions, outermost first. */
export type Shape = readonly number[];

/** How many elements an array of this shape has. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function shapeText(shape: readonly (number | string | null)[]): string {
  return `[${shape.map((size) => size ?? 'any').join(', ')}]`;
}

/** What `expectShape` compares with: a number, `null` for any size, or both with the dimension's name. */
export interface Dimension {
  name: string;
  size: number | null;
}

/**
 * The one place where shape errors are worded.
 *
 * @param where the call and the argument, as the user wrote them: `'model.fit: x'`
 * @param hint what to do next, a whole sentence
 * @throws ShapeError
 */
export function expectShape(where: string, shape: Shape, expected: readonly Dimension[], hint: string): void {
  const fits =
    shape.length === expected.length && expected.every(({ size }, axis) => size === null || size === shape[axis]);
  if (fits) return;
  const names = shapeText(expected.map(({ name, size }) => (size === null ? name : `${name} = ${size}`)));
  throw new ShapeError(`${where} has shape ${shapeText(shape)}, expected ${names}. ${hint}`);
}
