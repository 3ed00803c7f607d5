import { ValueError } from '../../index.ts';
import type { ArrayContents } from '../contents.ts';
import { allArrays, arrayAt, type Hdf5Array, type Hdf5Group } from '../hdf5/tree.ts';
import { show } from '../reading.ts';
import { checkNothingLeft, floats } from './arrays.ts';

/** The arrays of all layers in a group with `layer_names`, in order. @throws ValueError if one is missing or left over */
export function readLayerNames(where: string, root: Hdf5Group): ArrayContents[] {
  const read = new Set<string>();
  const arrays = listAttribute(where, 'the file', root, 'layer_names').flatMap((name) => {
    const group = root.groups.get(name);
    if (!group) throw new ValueError(`${where}: there is no layer ${show(name)}, which is in layer_names.`);
    return named(where, name, group).map((array) => {
      read.add(array.name);
      return floats(where, array.name, array);
    });
  });
  checkNothingLeft(where, root, read);
  return arrays;
}

/** The arrays of a group in the order of its attribute `weight_names`. @throws ValueError if one is missing or left over */
export function named(where: string, place: string, group: Hdf5Group): (Hdf5Array & { name: string })[] {
  const names = listAttribute(where, place, group, 'weight_names');
  if (new Set(names).size < names.length || names.length < allArrays(group).size) {
    throw new ValueError(
      `${where}: ${place} has ${allArrays(group).size} arrays, but weight_names has ${names.length}.`,
    );
  }
  return names.map((name) => {
    const array = arrayAt(group, name.split('/'));
    if (array) return { ...array, name: `${place}/${name}` };
    throw new ValueError(`${where}: ${place} has no array ${show(name)}, which is in weight_names.`);
  });
}

/** A text of a group, if it has one of this name. */
export function textAttribute({ attributes }: Hdf5Group, name: string): string | undefined {
  const value = attributes.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** A list of texts, which Keras cuts into several attributes if it is long, and writes as no numbers if it is empty. */
export function listAttribute(where: string, place: string, { attributes }: Hdf5Group, name: string): string[] {
  const whole = attributes.get(name);
  const parts = whole === undefined ? piecesOf(attributes, name) : [whole];
  if (parts.length === 0) throw new ValueError(`${where}: ${place} has no attribute ${name}.`);
  return parts.flatMap((part) => {
    if (Array.isArray(part)) return part as string[];
    if (typeof part === 'object' && 'data' in part && part.data.length === 0) return [];
    throw new ValueError(`${where}: the attribute ${name} of ${place} is no list of texts.`);
  });
}

function piecesOf(attributes: Hdf5Group['attributes'], name: string) {
  const pieces = [];
  for (let piece = attributes.get(`${name}0`); piece !== undefined;) {
    pieces.push(piece);
    piece = attributes.get(`${name}${pieces.length}`);
  }
  return pieces;
}
