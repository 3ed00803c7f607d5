import type { Shape } from '../index.ts';

/** How many elements an array of a shape has, as a number that may be larger than any memory, but does not wrap around. */
export function elementsOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The most dimensions that an error message shows; no array of a layer has as many. */
const MAX_SIZES = 8;

/** A shape in an error message: `[2, 3]`. */
export function shapeText(shape: Shape): string {
  const more = shape.length > MAX_SIZES ? ', …' : '';
  return `[${shape.slice(0, MAX_SIZES).join(', ')}${more}]`;
}
