import type { ArrayInput } from '../network/arrays.ts';
import { isBatches, type Batches, type InputBatch } from './data/batches.ts';
import type { Engine } from './engine/engine.ts';
import type { RunContext } from './engine/state-ranges.ts';
import { preparePredictBatches } from './predict-batches.ts';
import { preparePredict, type Prediction, type PredictOptions } from './predict.ts';

/** Checks a call of `predict` with an array or with batches. @throws as `preparePredict` and `preparePredictBatches` */
export function prepareAnyPredict(
  engine: Engine,
  x: ArrayInput | Batches<InputBatch>,
  options: PredictOptions,
): (run: RunContext) => Promise<Prediction> {
  return isBatches(x)
    ? preparePredictBatches(engine, x as Batches<InputBatch>, options)
    : preparePredict(engine, x, options);
}
