import { ValueError } from '../../index.ts';
import type { ArrayContents, CompileContents, Files, ModelContents } from '../contents.ts';
import { readHdf5, writeHdf5 } from '../hdf5/hdf5.ts';
import type { Hdf5Group } from '../hdf5/tree.ts';
import { parseJson, show, showAll, type JsonValue } from '../reading.ts';
import { checkNothingLeft, checkShapes, floats } from './arrays.ts';
import { readCompileConfig } from './config/read-compile-config.ts';
import { layerObjectOf } from './config/read-layer.ts';
import { readModelConfig } from './config/read-model-config.ts';
import { orderedLayers } from './keras-file.ts';
import { savedLayers, weightsOf, type SavedWeight } from './layer-weights.ts';
import { convertLayer } from './legacy-layers.ts';
import { readLegacyOptimizer } from './legacy-optimizer.ts';
import { legacyTree } from './legacy-tree.ts';
import { listAttribute, named, textAttribute } from './named-arrays.ts';

/**
 * Reads a `.h5` file of a whole model, as Keras 1, 2 and 3 write it.
 *
 * @throws ValueError, ShapeError (as rejections) with the place if it is damaged or a part of it has no counterpart here,
 *   UnsupportedError if the package h5wasm is missing
 */
export async function readLegacy(where: string, file: Uint8Array): Promise<ModelContents> {
  const root = await readHdf5(where, file);
  const config = textAttribute(root, 'model_config');
  if (config === undefined) {
    const hint = root.groups.has('layers') || root.attributes.has('layer_names') ? ' It holds weights alone.' : '';
    throw new ValueError(`${where}: there is no attribute model_config, so the file holds no whole model.${hint}`);
  }
  checkKnown(where, root);
  const model = parseJson(where, 'model_config', config);
  const group = root.groups.get('model_weights');
  if (!group) throw new ValueError(`${where}: there is no group model_weights.`);
  // Keras 1 did not always write its version; Keras takes files without one for its own.
  const version = textAttribute(root, 'keras_version') ?? textAttribute(group, 'keras_version') ?? '1';
  const contents = readModelConfig(model, version);
  const training = textAttribute(root, 'training_config');
  const compile =
    training === undefined ? undefined : readCompileConfig(parseJson(where, 'training_config', training), version);
  const expected = savedLayers(where, contents.layers, contents.inputShape)
    .flatMap((layer) => weightsOf(layer))
    .map(({ weight }) => weight);
  const layers = orderedLayers(model);
  const arrays = readLayers(where, group, layers);
  const convert = (given: readonly (readonly ArrayContents[])[], isState: boolean) =>
    layers.flatMap((layer, index) => convertLayer(layer, given[index], isState));
  const weights = convert(arrays, false);
  checkShapes(where, 'model_weights', weights, expected);
  const optimizerState = readState(where, root, compile, arrays, expected, (state) => convert(state, true));
  return { ...contents, weights, compile, optimizerState };
}

const ATTRIBUTES = ['backend', 'keras_version', 'model_config', 'training_config'];
const GROUPS = ['model_weights', 'optimizer_weights'];

/** @throws ValueError if there is something else at the root, which would be left out, or decide without being heard */
function checkKnown(where: string, { attributes, groups, arrays }: Hdf5Group): void {
  const names = [...attributes.keys()].filter((name) => !ATTRIBUTES.includes(name));
  const others = [...groups.keys(), ...arrays.keys()].filter((name) => !GROUPS.includes(name));
  const other = [...names, ...others][0];
  if (other === undefined) return;
  const known = showAll([...ATTRIBUTES, ...GROUPS]);
  throw new ValueError(`${where}: there is ${show(other)} at its root, which is not understood, expected ${known}.`);
}

function readState(
  where: string,
  root: Hdf5Group,
  compile: CompileContents | undefined,
  arrays: readonly (readonly ArrayContents[])[],
  expected: readonly SavedWeight[],
  convert: (state: ArrayContents[][]) => ArrayContents[],
): ModelContents['optimizerState'] {
  const group = root.groups.get('optimizer_weights');
  if (!group) return undefined;
  if (!compile) throw new ValueError(`${where}: there are optimizer_weights, but no training_config.`);
  const variables = named(where, 'optimizer_weights', group);
  return readLegacyOptimizer(where, variables, compile, { arrays, expected, convert });
}

/** The arrays of each layer, in order. @throws ValueError if a layer is missing, or an array is left over */
function readLayers(where: string, group: Hdf5Group, layers: readonly JsonValue[]): ArrayContents[][] {
  const names = listAttribute(where, 'model_weights', group, 'layer_names');
  const read = new Set<string>();
  const arrays = layers.map((layer) => {
    const { className, config } = layerObjectOf(layer);
    const name = config.get('name').text();
    const inner = group.groups.get(name);
    if (!inner && className === 'InputLayer') return [];
    if (!inner || !names.includes(name)) {
      throw new ValueError(`${where}: model_weights has no layer ${show(name)}, as model_config has one.`);
    }
    return named(where, `model_weights/${name}`, inner).map((array) => {
      read.add(array.name.slice('model_weights/'.length));
      return floats(where, array.name, array);
    });
  });
  checkNothingLeft(`${where}: model_weights`, group, read);
  return arrays;
}

/**
 * Writes a `.h5` file of a whole model as Keras 3.15 does. It holds no random states and no states of slots.
 *
 * @throws ValueError (as a rejection) with what to do if a part of the model has no counterpart in Keras
 */
export async function writeLegacy(where: string, contents: ModelContents, name: string): Promise<Files> {
  return new Map([[name, await writeHdf5(where, legacyTree(where, contents))]]);
}
