import type { ArrayInput } from '../network/arrays.ts';
import { knownOptions } from '../../runtime/options.ts';
import { BatchInPlace, stepsFirst } from './data/batch-in-place.ts';
import { checkInputs, keyOf } from './data/checked-data.ts';
import { assertRoom } from './data/dataset.ts';
import type { Engine } from './engine/engine.ts';
import { prediction, type PredictOnBatchOptions, type Prediction } from './predict.ts';

/**
 * Checks a call of `model.predictOnBatch` and copies its samples, whose arrays may be used again afterwards.
 *
 * @returns a function that queues the batch, to be called when the turn of the call has come. The outputs are copied in the
 * submit that computes them, and from the second call on nothing is allocated on the GPU
 * @throws ShapeError, ValueError
 */
export function preparePredictOnBatch(
  engine: Engine,
  x: ArrayInput,
  options: PredictOnBatchOptions,
): () => Promise<Prediction> {
  const where = 'model.predictOnBatch';
  knownOptions(where, options, ['lengths', 'initialState']);
  const samples = checkInputs(engine.network, where, x, options);
  assertRoom(engine.gpu, where, samples.channels);
  const upload = stepsFirst(samples.channels);
  const { count: rows } = samples;
  const key = keyOf('predict', { ...samples, rows });
  return async () => {
    const bound = engine.programs.staging(key, (program) => new BatchInPlace(program));
    const { source } = bound;
    const { slots: range = 'training' } = bound;
    if (range !== 'training') engine.resetStates(range);
    const reading = engine.gpu.readback.prepare(source.pieces);
    const numbers = Uint32Array.from({ length: rows }, (_, row) => row);
    engine.push(bound, numbers, { range, upload, reading });
    engine.queue.flushSoon();
    return prediction(engine.network, source.rowsFirst(await reading.result));
  };
}
