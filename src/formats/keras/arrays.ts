import { ShapeError, ValueError } from '../../index.ts';
import type { ArrayContents } from '../contents.ts';
import { allArrays, type Hdf5Array, type Hdf5Group } from '../hdf5/tree.ts';
import { showAll } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import type { SavedWeight } from './layer-weights.ts';

/** An array of a file with its place there. @throws ValueError unless it is of float32 */
export function floats(where: string, name: string, { shape, data }: Hdf5Array): ArrayContents {
  if (data instanceof Float32Array) return { name, shape, data };
  throw new ValueError(
    `${where}: ${name} is an array of ${data.constructor.name.replace('Array', '').toLowerCase()}, expected float32. ` +
      `Cast the model before you save it.`,
  );
}

/**
 * @param place names what the arrays belong to, for the message
 * @throws ShapeError, ValueError unless there are as many arrays as weights, each of the shape of its weight
 */
export function checkShapes(
  where: string,
  place: string,
  arrays: readonly ArrayContents[],
  weights: readonly SavedWeight[],
): void {
  if (arrays.length !== weights.length) {
    const names = weights.map(({ name }) => name).join(', ');
    throw new ValueError(
      `${where}: ${place} has ${arrays.length} arrays, expected ${weights.length}${names && `: ${names}`}.`,
    );
  }
  for (const [index, { name, shape }] of arrays.entries()) {
    const expected = weights[index];
    if (sameShape(shape, expected.shape)) continue;
    throw new ShapeError(
      `${where}: ${name} has the shape ${shapeText(shape)}, expected ${shapeText(expected.shape)} for the ` +
        `${expected.name}.`,
    );
  }
}

/** @throws ValueError if there is an array in a group that nothing has read */
export function checkNothingLeft(where: string, group: Hdf5Group, read: ReadonlySet<string>): void {
  const left = [...allArrays(group).keys()].filter((path) => !read.has(path));
  if (left.length === 0) return;
  throw new ValueError(
    `${where}: ${showAll(left)} belong to no layer that was read. Is the file of another architecture?`,
  );
}

/** A group of an HDF5 file. */
export function groupOf(parts: Partial<Hdf5Group>): Hdf5Group {
  return { attributes: new Map(), groups: new Map(), arrays: new Map(), ...parts };
}
