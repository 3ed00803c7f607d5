import { ValueError } from '../../index.ts';
import type { Files, ModelContents } from '../contents.ts';
import { readCompileConfig } from '../keras/config/read-compile-config.ts';
import { readModelConfig } from '../keras/config/read-model-config.ts';
import { show } from '../reading.ts';
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
 * the first thousand updates, since TensorFlow.js adds it to the corrected root, and Keras to the root before.
 *
 * @throws ValueError, ShapeError, UnsupportedError (as rejections) with the place if a part of it has no counterpart here
 */
export async function readTfjs(where: string, file: Uint8Array<ArrayBuffer>, beside: Files): Promise<ModelContents> {
  const json = readLayersModelJson(where, file);
  const architecture = readModelConfig(json.model, json.version);
  const compile = json.compile && readCompileConfig(json.compile, json.version);
  if (compile) assertSameOptimizer(where, compile.optimizer);
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
  return {
    ...architecture,
    weights,
    compile,
    optimizerState: compile && readOptimizerState(where, compile.optimizer, weights, optimizers),
  };
}
