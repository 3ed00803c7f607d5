import { ValueError } from '../../index.ts';
import type { ArrayContents, Files, ModelContents } from '../contents.ts';
import { jsonText } from '../keras/config/json-text.ts';
import { writeModelConfig } from '../keras/config/write-model-config.ts';
import { show } from '../reading.ts';
import { weightParts } from '../weight-parts.ts';

/** The version whose words and defaults are written. */
const VERSION = 'tfjs-layers 4.22.0';

/** The most bytes of a file of weights, as the converter of TensorFlow.js cuts them. */
const SHARD_BYTES = 4 * 2 ** 20;

/**
 * Writes a layers model for `tf.loadLayersModel`: a `model.json`, and files of float32 weights beside it, of 4 MiB at most.
 * Not in them are what the model was compiled with, and all that training remembers.
 *
 * @param name the name of the first file, with which those of the weights begin
 * @throws ValueError (as a rejection) with the layer if a part of the model has no counterpart in TensorFlow.js
 */
export async function writeTfjs(where: string, contents: ModelContents, name: string): Promise<Files> {
  const { weights } = contents;
  if (!weights) throw new ValueError(`${where}: the model has no weights, expected those of all layers.`);
  const config = writeModelConfig(where, contents, 'tfjs') as WrittenModel;
  const names = weightNames(where, config, contents);
  const shards = cut(weights);
  const stem = name.replace(/\.json$/, '');
  const paths = shards.map((_, n) => `${stem}.group1-shard${n + 1}of${shards.length}.bin`);
  const json = {
    format: 'layers-model',
    generatedBy: 'lstm-webgpu',
    convertedBy: null,
    modelTopology: { ...config, keras_version: VERSION, backend: 'tensor_flow.js' },
    weightsManifest: [
      { paths, weights: weights.map(({ shape }, n) => ({ name: names[n], shape: [...shape], dtype: 'float32' })) },
    ],
  };
  const text = new TextEncoder().encode(jsonText(json));
  return new Map([[name, text], ...paths.map((path, n): [string, Uint8Array<ArrayBuffer>] => [path, shards[n]])]);
}

interface WrittenModel {
  readonly config: { readonly layers: readonly { config: { name: string; layer?: { config: { name: string } } } }[] };
}

/** The names that TensorFlow.js takes for variables. */
const VALID_NAME = /^[A-Za-z0-9][-A-Za-z0-9._/]*$/;

/** The names by which TensorFlow.js finds the weights. @throws ValueError if it takes no such name */
function weightNames(where: string, { config }: WrittenModel, { layers }: ModelContents): string[] {
  // A layer that takes the last step is written as an option of the one before it.
  const own = layers.filter(({ type }) => type !== 'lastStep');
  return own.flatMap((layer, n) => {
    const { name, layer: inner } = config.layers[n].config;
    const names = weightParts(layer, 0).map(({ direction, name: part }) =>
      [name, ...(direction ? [`${direction}_${inner!.config.name}`] : []), part].join('/'),
    );
    const invalid = names.find((each) => !VALID_NAME.test(each));
    if (invalid === undefined) return names;
    throw new ValueError(
      `${where}: layer ${show(name)} would have the weight ${show(invalid)}, but names in TensorFlow.js consist of ` +
        `letters, digits, "-", "_" and ".". Give the layer another name.`,
    );
  });
}

/** The bytes of all weights, cut into pieces. */
function cut(weights: readonly ArrayContents[]): Uint8Array<ArrayBuffer>[] {
  const all = new Float32Array(weights.reduce((sum, { data }) => sum + data.length, 0));
  let end = 0;
  for (const { data } of weights) {
    all.set(data, end);
    end += data.length;
  }
  const count = Math.max(1, Math.ceil(all.byteLength / SHARD_BYTES));
  return Array.from({ length: count }, (_, n) =>
    new Uint8Array(all.buffer).slice(n * SHARD_BYTES, (n + 1) * SHARD_BYTES),
  );
}
