import type { ModelContents } from '../contents.ts';
import type { Hdf5Array, Hdf5Attribute, Hdf5Group } from '../hdf5/tree.ts';
import { groupOf } from './arrays.ts';
import { jsonText } from './config/json-text.ts';
import { legacyModelConfig, legacyTrainingConfig } from './config/legacy-form.ts';
import { writeCompileConfig } from './config/write-compile-config.ts';
import { writeModelConfig } from './config/write-model-config.ts';
import { KERAS_VERSION, withCurrentRate } from './keras-file.ts';
import { savedLayers, weightsOf, type SavedObject } from './layer-weights.ts';
import { optimizerName, writeOptimizer } from './optimizer-variables.ts';
import { arrayOf, weightsFor } from './weights-file.ts';

/** The name of the model, with which Keras begins the paths of variables. */
const MODEL = 'sequential';

const VERSION: readonly (readonly [string, Hdf5Attribute])[] = [
  ['backend', 'tensorflow'],
  ['keras_version', KERAS_VERSION],
];

/** The groups of a `.h5` file of a whole model. */
export function legacyTree(where: string, contents: ModelContents): Hdf5Group {
  const layers = savedLayers(where, contents.layers, contents.inputShape);
  const compile = contents.compile && legacyTrainingConfig(writeCompileConfig(where, withCurrentRate(contents)));
  const attributes = new Map<string, Hdf5Attribute>([
    ...VERSION,
    ['model_config', jsonText(legacyModelConfig(writeModelConfig(where, contents)))],
    ...(compile ? [['training_config', jsonText(compile)] as const] : []),
  ]);
  const groups = new Map([['model_weights', weightsGroup(where, contents, layers)]]);
  const optimizer = optimizerGroup(contents, layers);
  if (optimizer) groups.set('optimizer_weights', optimizer);
  return groupOf({ attributes, groups });
}

function weightsGroup(where: string, contents: ModelContents, layers: readonly SavedObject[]): Hdf5Group {
  const values = weightsFor(where, contents, layers);
  const groups = layers.map((layer) => {
    const arrays = weightsOf(layer, [MODEL]).map(({ path, weight }) => {
      const { value } = values.next();
      return [[...path, weight.name].join('/'), arrayOf(value)] as const;
    });
    return [layer.name, namedGroup(arrays)] as const;
  });
  const names = layers.map(({ name }) => name);
  return groupOf({
    attributes: new Map<string, Hdf5Attribute>([['layer_names', names], ...VERSION]),
    groups: new Map([...groups, ['top_level_model_weights', namedGroup([])]]),
  });
}

function optimizerGroup(contents: ModelContents, layers: readonly SavedObject[]): Hdf5Group | undefined {
  const variables = writeOptimizer(contents);
  if (!variables) return undefined;
  const paths = layers.flatMap((layer) => weightsOf(layer, [MODEL])).map(({ path, weight }) => [...path, weight.name]);
  const name = optimizerName(contents);
  return namedGroup(
    variables.map((variable) => {
      const title = variable.weight === undefined ? '' : `${paths[variable.weight].join('_')}_`;
      return [`${name}/${title}${variable.name}`, variable.array] as const;
    }),
  );
}

/** A group of arrays by their paths, with the list of these, which is an empty list of numbers if there is none. */
function namedGroup(arrays: readonly (readonly [path: string, array: Hdf5Array])[]): Hdf5Group {
  const empty: Hdf5Attribute = { shape: [0], data: new Float64Array(0) };
  const names = arrays.length > 0 ? arrays.map(([path]) => path) : empty;
  const { groups } = nested(arrays.map(([path, array]) => [path.split('/'), array] as const));
  return groupOf({ attributes: new Map([['weight_names', names]]), groups });
}

function nested(arrays: readonly (readonly [path: readonly string[], array: Hdf5Array])[]): Hdf5Group {
  const own = arrays.filter(([path]) => path.length === 1);
  const names = new Set(arrays.filter(([path]) => path.length > 1).map(([[first]]) => first));
  const below = (name: string) =>
    nested(arrays.flatMap(([[first, ...path], array]) => (first === name && path.length > 0 ? [[path, array]] : [])));
  return groupOf({
    arrays: new Map(own.map(([[name], array]) => [name, array])),
    groups: new Map([...names].map((name) => [name, below(name)])),
  });
}
