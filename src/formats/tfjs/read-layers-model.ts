import { UnsupportedError, ValueError } from '../../index.ts';
import type { Files, ModelContents } from '../contents.ts';
import { readCompileConfig } from '../keras/config/read-compile-config.ts';
import { readModelConfig } from '../keras/config/read-model-config.ts';
import { show, type JsonValue } from '../reading.ts';
import { findWeights } from './find-weights.ts';
import { readLayersModelJson } from './manifest.ts';
import { assertSameOptimizer, readOptimizerState } from './optimizer-state.ts';
import { readShards } from './shards.ts';

/** The names of the files in which the weights lie. @throws ValueError if it is no `model.json` */
export function namesBesideTfjs(where: string, file: Uint8Array<ArrayBuffer>): string[] {
  return readLayersModelJson(where, file).groups.flatMap(({ paths }) => paths);
}

/**
 * Reads a layers model of TensorFlow.js, which that has saved or its converter has made of a model of Keras: its `model.json`,
 * and the files of weights. Quantized weights (uint8, uint16, float16) become the float32 numbers that TensorFlow.js makes of
 * them.
 *
 * A model that was saved with `includeOptimizer` goes on training. The epsilon of Adam counts a little less there than here in
 * the first thousand updates, since TensorFlow.js adds it to the corrected root, and Keras to the root before; where it would
 * make more of a difference than the default epsilon does, the optimizer is refused.
 *
 * @throws ValueError, ShapeError, UnsupportedError (as rejections) with the place if a part of it has no counterpart here
 */
export async function readTfjs(where: string, file: Uint8Array<ArrayBuffer>, beside: Files): Promise<ModelContents> {
  const json = readLayersModelJson(where, file);
  refuseStacks(json.model);
  const architecture = readModelConfig(json.model, json.version);
  const compile = json.compile && readCompileConfig(json.compile, json.version);
  const stored = readShards(where, json, beside);
  const [own, optimizers] = [false, true].map((isOptimizers) =>
    stored.filter((one) => one.isOptimizers === isOptimizers),
  );
  if (!compile && optimizers.length > 0) {
    throw new ValueError(
      `${where}: ${show(optimizers[0].name)} is a weight of an optimizer, but there is no trainingConfig.`,
    );
  }
  const weights = findWeights(where, architecture, own);
  const optimizerState = compile && readOptimizerState(where, compile.optimizer, weights, optimizers);
  if (compile) assertSameOptimizer(where, compile.optimizer, optimizerState?.iterations ?? 0);
  return { ...architecture, weights, compile, optimizerState };
}

/**
 * Several cells in one layer are several layers here, and only the numbers in the names of their weights would tell which cell
 * has which.
 *
 * @throws UnsupportedError
 */
function refuseStacks(value: JsonValue): void {
  if (value.isList) return value.list().forEach(refuseStacks);
  if (!value.isObject) return;
  for (const key of value.keys()) {
    const field = value.get(key);
    const isStack = ['class_name', 'className'].includes(key) && field.value === 'StackedRNNCells';
    if (isStack || (key === 'cell' && field.isList)) {
      throw new UnsupportedError(
        `${field.where}: ${field.path} is ${isStack ? show(field.value) : 'a list of cells'}, whose weights cannot be told ` +
          `apart. Save the model from Keras as .keras, or with a layer for each cell.`,
      );
    }
    refuseStacks(field);
  }
}
