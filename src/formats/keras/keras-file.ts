import { ValueError } from '../../index.ts';
import type { Files, ModelContents } from '../contents.ts';
import { readHdf5, writeHdf5 } from '../hdf5/hdf5.ts';
import { groupAt } from '../hdf5/tree.ts';
import { parseJson, show, type JsonValue } from '../reading.ts';
import { readZip, writeZip } from '../zip/zip.ts';
import { jsonText } from './config/json-text.ts';
import { objectOf } from './config/objects.ts';
import { layersOf } from './config/program.ts';
import { readCompileConfig } from './config/read-compile-config.ts';
import { chainOfModel, readModelConfig } from './config/read-model-config.ts';
import { writeCompileConfig } from './config/write-compile-config.ts';
import { writeModelConfig } from './config/write-model-config.ts';
import { EXTRA_FILES, readExtra, writeExtra } from './extra.ts';
import { savedLayers, weightsOf } from './layer-weights.ts';
import { readOptimizer } from './optimizer-variables.ts';
import { checkOrder, pathsOfConfig } from './saved-paths.ts';
import { inOrder, readWeights, weightsTree } from './weights-file.ts';

/** The version of Keras whose layout is written. */
export const KERAS_VERSION = '3.15.1';

const WEIGHTS = 'model.weights.h5';
const FILES = ['metadata.json', 'config.json', WEIGHTS];

/**
 * Reads a `.keras` archive.
 *
 * @throws ValueError, ShapeError (as rejections) with the place if it is damaged or a part of it has no counterpart here,
 *   UnsupportedError if a package is missing
 */
export async function readKeras(where: string, file: Uint8Array): Promise<ModelContents> {
  const files = await readZip(where, file);
  checkNames(where, files);
  const json = (name: string) => parseJson(where, name, files.get(name)!);
  const metadata = json('metadata.json');
  const version = metadata.get('keras_version').text();
  const model = json('config.json');
  const contents = readModelConfig(model, version);
  const compile = model.has('compile_config') ? readCompileConfig(model.get('compile_config'), version) : undefined;
  const inWeights = `${where}: ${WEIGHTS}`;
  const root = await readHdf5(inWeights, files.get(WEIGHTS)!);
  const layers = savedLayers(where, contents.layers, contents.inputShape);
  const weights = readWeights(inWeights, root, layers, pathsOfConfig(orderedLayers(model)));
  const variables = groupAt(root, ['optimizer', 'vars'])?.arrays ?? new Map();
  if (variables.size > 0 && !compile) {
    throw new ValueError(`${where}: there is the state of an optimizer, but config.json has no compile_config.`);
  }
  const optimizerState =
    compile && variables.size > 0
      ? readOptimizer(inWeights, inOrder(inWeights, 'optimizer/vars', [...variables]), compile, allWeights(layers))
      : undefined;
  return readExtra(where, files, { ...contents, compile, weights, optimizerState });
}

const allWeights = (layers: ReturnType<typeof savedLayers>) =>
  layers.flatMap((layer) => weightsOf(layer).map(({ weight }) => weight));

/** The layers of a model in the order of the file, which is that of the data. */
export function orderedLayers(model: JsonValue): JsonValue[] {
  const { className, config } = objectOf(model, ['compile_config', 'keras_version', 'backend', 'name']);
  const all = layersOf(config);
  checkOrder(all, chainOfModel(model, className, config));
  return all;
}

/** @throws ValueError if a file is missing, or one is not known */
function checkNames(where: string, files: Files): void {
  const missing = FILES.find((name) => !files.has(name));
  if (missing !== undefined) {
    const hint = files.has('model.weights.npz') ? ' Save the model with weights in HDF5, as is the default.' : '';
    throw new ValueError(`${where}: the archive has no ${missing}, expected ${FILES.join(', ')}.${hint}`);
  }
  const other = [...files.keys()].find((name) => !FILES.includes(name) && !EXTRA_FILES.includes(name));
  if (other !== undefined) throw new ValueError(`${where}: the archive has ${show(other)}, which is not understood.`);
}

/**
 * Writes a `.keras` archive as Keras 3.15 does. What Keras has no place for lies in files of their own, which it passes over.
 *
 * @throws ValueError (as a rejection) with what to do if a part of the model has no counterpart in Keras
 */
export async function writeKeras(where: string, contents: ModelContents, name: string): Promise<Files> {
  const compile_config = writeCompileConfig(where, withCurrentRate(contents));
  const config = { ...writeModelConfig(where, contents), compile_config };
  const date = new Date().toISOString().slice(0, 19).replace('T', '@');
  const files = new Map([
    ['metadata.json', bytesOf(`{"keras_version": "${KERAS_VERSION}", "date_saved": "${date}"}`)],
    ['config.json', bytesOf(jsonText(config))],
    [WEIGHTS, await writeHdf5(where, weightsTree(where, contents))],
    ...(await writeExtra(where, contents)),
  ]);
  return new Map([[name, await writeZip(where, files)]]);
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Keras writes the rate that the optimizer has now as its option. */
export function withCurrentRate(contents: ModelContents): ModelContents {
  const { compile, optimizerState } = contents;
  if (!compile || optimizerState?.learningRate === undefined) return contents;
  const { optimizer } = compile;
  const options = { ...optimizer.options, learningRate: optimizerState.learningRate };
  return { ...contents, compile: { ...compile, optimizer: { ...optimizer, options } } };
}
