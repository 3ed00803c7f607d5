import { ValueError } from '../../index.ts';
import { fieldOf, optionalField } from '../keras/config/objects.ts';
import { parseJson, show, type JsonValue } from '../reading.ts';
import { elementsOf } from '../shape.ts';

/** The files of some weights, and the weights that lie in them one behind the other, wherever the files are cut. */
interface Group {
  readonly paths: readonly string[];
  readonly specs: readonly WeightSpec[];
}

/** A weight as the manifest describes it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** How its numbers are stored if not as they are: as float16, or as whole numbers that are scaled. */
  readonly quantization?:
    | { readonly dtype: 'float16' }
    | { readonly dtype: 'uint8' | 'uint16'; readonly min: number; readonly scale: number };
  /** Whether it belongs to the optimizer's state. */
  readonly isOptimizers: boolean;
  /** How many bytes it takes in the files. */
  readonly bytes: number;
}

export interface LayersModelJson {
  readonly model: JsonValue;
  /** The program that wrote the architecture, such as `tfjs-layers 4.22.0`, or the version of Keras. */
  readonly version?: string;
  /** The options of compile, if they are there. */
  readonly compile?: JsonValue;
  readonly groups: readonly Group[];
}

const FIELDS = [
  'modelTopology',
  'format',
  'generatedBy',
  'convertedBy',
  'weightsManifest',
  'trainingConfig',
  'userDefinedMetadata',
];
const BYTES_OF = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1 } as const;

/**
 * Reads `model.json` of TensorFlow.js, without the files of weights that it names.
 *
 * @throws ValueError if a part of it is not understood, or it is the JSON of something else
 */
export function readLayersModelJson(where: string, file: Uint8Array<ArrayBuffer>): LayersModelJson {
  const json = parseJson(where, '', file);
  const format = json.optional('format');
  format?.oneOf(
    ['layers-model'],
    'A graph model has no layers: convert the Keras model with output format tfjs_layers_model.',
  );
  if (!json.has('modelTopology'))
    json.get('modelTopology').fail('the architecture', 'Is this the model.json of TensorFlow.js?');
  json.onlyKeys(FIELDS);
  const topology = json.get('modelTopology');
  const isWrapped = topology.has('model_config') || topology.has('modelConfig');
  if (isWrapped) topology.onlyKeys(['keras_version', 'backend', 'model_config', 'modelConfig', 'training_config']);
  const version = optionalField(topology, 'keras_version')?.text();
  const [first, second] = [json.optional('trainingConfig'), topology.optional('training_config')];
  if (first && second) first.fail('nothing, since there is modelTopology.training_config too');
  return {
    model: isWrapped ? fieldOf(topology, 'model_config') : topology,
    version,
    compile: first ?? second,
    groups: readGroups(json),
  };
}

function readGroups(json: JsonValue): Group[] {
  const groups = json
    .get('weightsManifest')
    .list()
    .map((group) => {
      group.onlyKeys(['paths', 'weights']);
      const paths = group
        .get('paths')
        .list()
        .map((path) => path.text().replace(/^\.\//, ''));
      return { paths, specs: group.get('weights').list().map(readSpec) };
    });
  assertUnique(
    json.where,
    groups.flatMap(({ paths }) => paths),
    'file',
  );
  assertUnique(
    json.where,
    groups.flatMap(({ specs }) => specs.map(({ name }) => name)),
    'weight',
  );
  return groups;
}

/** @throws ValueError if a name is there twice */
function assertUnique(where: string, names: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new ValueError(`${where}: weightsManifest names the ${what} ${show(name)} twice.`);
    seen.add(name);
  }
}

function readSpec(weight: JsonValue): WeightSpec {
  weight.onlyKeys(['name', 'shape', 'dtype', 'quantization', 'group']);
  const shape = weight.get('shape').wholeNumbers();
  const dtype = weight.get('dtype').oneOf(['float32', 'int32'], 'No layer here has weights of another type.');
  const given = weight.optional('quantization');
  const quantization = given && readQuantization(given);
  if (quantization && dtype !== 'float32') given.fail('none, since the weight is of whole numbers');
  return {
    name: weight.get('name').text(),
    shape,
    dtype,
    quantization,
    isOptimizers: weight.optional('group')?.oneOf(['model', 'optimizer']) === 'optimizer',
    bytes: elementsOf(shape) * BYTES_OF[quantization?.dtype ?? dtype],
  };
}

function readQuantization(json: JsonValue): NonNullable<WeightSpec['quantization']> {
  const dtype = json.get('dtype').oneOf(['uint8', 'uint16', 'float16']);
  json.onlyKeys(dtype === 'float16' ? ['dtype'] : ['dtype', 'min', 'scale', 'original_dtype']);
  if (dtype === 'float16') return { dtype };
  json.optional('original_dtype')?.oneOf(['float32']);
  return { dtype, min: json.get('min').number(), scale: json.get('scale').number() };
}
