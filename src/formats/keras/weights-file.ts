import { ValueError } from '../../index.ts';
import type { ArrayContents, Files, ModelContents } from '../contents.ts';
import { readHdf5, writeHdf5 } from '../hdf5/hdf5.ts';
import { groupAt, type Hdf5Array, type Hdf5Group } from '../hdf5/tree.ts';
import { show } from '../reading.ts';
import { checkNothingLeft, checkShapes, floats, groupOf } from './arrays.ts';
import { savedLayers, weightsOf, type SavedObject } from './layer-weights.ts';
import { readLayerNames } from './named-arrays.ts';
import { optimizerName, writeOptimizer } from './optimizer-variables.ts';
import { groupNames, pathsOfObjects, type SavedPaths } from './saved-paths.ts';

/** The names of the group in which all layers lie: that of Keras 3, and that of TensorFlow's Keras 2.12 and 2.13. */
const ROOTS = ['layers', '_layer_checkpoint_dependencies'];

/**
 * Reads `.weights.h5` for a model that exists. The state of an optimizer in it is left out.
 *
 * @param model what the weights are for
 * @throws ValueError, ShapeError (as rejections) if the file is damaged or belongs to another architecture
 */
export async function readWeightsFile(
  where: string,
  file: Uint8Array,
  model: ModelContents,
): Promise<readonly ArrayContents[]> {
  const root = await readHdf5(where, file);
  const layers = savedLayers(where, model.layers, model.inputShape);
  if (!root.attributes.has('layer_names')) return readWeights(where, root, layers, pathsOfObjects(layers));
  const arrays = readLayerNames(where, root);
  checkShapes(
    where,
    'it',
    arrays,
    layers.flatMap((layer) => weightsOf(layer).map(({ weight }) => weight)),
  );
  return arrays;
}

/**
 * Reads the weights of all layers.
 *
 * @param layers what is expected, in order
 * @param paths where Keras puts them; wrappers that are not layers here make one path of several layers, or several of one
 * @throws ValueError, ShapeError if an array is missing, of another shape or left over
 */
export function readWeights(
  where: string,
  root: Hdf5Group,
  layers: readonly SavedObject[],
  paths: SavedPaths,
): ArrayContents[] {
  const name = ROOTS.find((each) => root.groups.has(each));
  if (name === undefined) throw new ValueError(`${where}: there is no group "layers", as Keras 3 writes it.`);
  const read = new Set<string>();
  const arrays = paths.flat().flatMap((path) => {
    const variables = [...(groupAt(root, [name, ...path.split('/'), 'vars'])?.arrays ?? [])];
    return inOrder(where, `${name}/${path}/vars`, variables).map((array) => {
      read.add(array.name);
      return floats(where, array.name, array);
    });
  });
  checkShapes(
    where,
    'it',
    arrays,
    layers.flatMap((layer) => weightsOf(layer).map(({ weight }) => weight)),
  );
  checkNothingLeft(where, groupOf({ groups: new Map([...root.groups].filter(([key]) => key !== 'optimizer')) }), read);
  return arrays;
}

/** Variables by their numbers. @throws ValueError unless they are called 0, 1, 2 and so on */
export function inOrder(
  where: string,
  place: string,
  variables: readonly (readonly [string, Hdf5Array])[],
): (Hdf5Array & { name: string })[] {
  const byName = new Map(variables);
  return variables.map(([given], index) => {
    const array = byName.get(String(index));
    if (array) return { name: `${place}/${index}`, ...array };
    throw new ValueError(`${where}: ${place} has no ${index}, but ${show(given)}. Variables are numbered from 0.`);
  });
}

/** Writes `.weights.h5` as Keras 3.15 does, with the state of the optimizer if there is one. */
export async function writeWeightsFile(where: string, contents: ModelContents, name: string): Promise<Files> {
  return new Map([[name, await writeHdf5(where, weightsTree(where, contents))]]);
}

/** The groups of `.weights.h5`. */
export function weightsTree(where: string, contents: ModelContents): Hdf5Group {
  const layers = savedLayers(where, contents.layers, contents.inputShape);
  const weights = weightsFor(where, contents, layers);
  const names = groupNames(layers);
  const groups = new Map(layers.map((layer, index) => [names[index], groupOfObject(layer, weights)]));
  const root = new Map([
    ['layers', groupOf({ groups })],
    ['vars', groupOf({ attributes: new Map([['name', 'sequential']]) })],
  ]);
  const variables = writeOptimizer(contents);
  if (variables) {
    const arrays = new Map(variables.map(({ array }, index) => [String(index), array]));
    const attributes = new Map([['name', optimizerName(contents)]]);
    root.set('optimizer', groupOf({ groups: new Map([['vars', groupOf({ attributes, arrays })]]) }));
  }
  return groupOf({ groups: root });
}

/** The weights in order, to be taken one by one. @throws ValueError if a model has none, ShapeError if one does not fit */
export function weightsFor(
  where: string,
  { weights }: ModelContents,
  layers: readonly SavedObject[],
): Iterator<ArrayContents> {
  if (!weights) throw new ValueError(`${where}: there are no weights to write.`);
  checkShapes(
    where,
    'the model',
    weights,
    layers.flatMap((layer) => weightsOf(layer).map(({ weight }) => weight)),
  );
  return weights.values();
}

function groupOfObject({ name, parts, weights }: SavedObject, values: Iterator<ArrayContents>): Hdf5Group {
  const arrays = new Map(weights.map((_, index) => [String(index), arrayOf(values.next().value as ArrayContents)]));
  const vars = groupOf({ attributes: new Map([['name', name]]), arrays });
  const inner = [...parts].map(([key, part]) => [key, groupOfObject(part, values)] as const);
  return groupOf({ groups: new Map([['vars', vars], ...inner]) });
}

export const arrayOf = ({ shape, data }: ArrayContents): Hdf5Array => ({ shape, data });
