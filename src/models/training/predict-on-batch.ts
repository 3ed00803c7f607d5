import type { Outputs } from '../execution/channels.ts';
import type { ProgramKey } from '../execution/program.ts';
import type { NumberArray } from '../../runtime/numbers.ts';
import type { ArrayInput } from '../network/arrays.ts';
import { knownOptions } from '../../runtime/options.ts';
import { BatchInPlace, stepsFirst } from './data/batch-in-place.ts';
import { checkInputs, keyOf } from './data/checked-data.ts';
import { assertRoom } from './data/dataset.ts';
import type { BoundProgram, SampleData } from './engine/bound-program.ts';
import type { Engine } from './engine/engine.ts';
import type { StateRange } from './engine/state-ranges.ts';
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
  const key = keyOf(where, 'predict', { ...samples, rows });
  return async () => {
    const bound = bindInPlace(engine, key);
    return prediction(engine.network, await predictInPlace(engine, bound, upload, 'training'));
  };
}

/** Binds a program to its own memory for one batch. */
export function bindInPlace({ programs }: Engine, key: ProgramKey): BoundProgram<BatchInPlace> {
  return programs.staging(key, (program) => new BatchInPlace(program));
}

/**
 * Queues a batch to predict. Its outputs are copied in the submit that computes them.
 *
 * @param upload its samples in time-major order
 * @param range the states that it continues, if it does not have too many rows for them
 */
export async function predictInPlace(
  engine: Engine,
  bound: BoundProgram<BatchInPlace>,
  upload: SampleData,
  range: StateRange,
): Promise<Outputs<NumberArray>> {
  const { source, slots, program } = bound;
  if (slots) engine.resetStates(slots);
  const reading = engine.gpu.readback.prepare(source.pieces);
  const numbers = Uint32Array.from({ length: program.rows }, (_, row) => row);
  engine.push(bound, numbers, { range: slots ?? range, upload, reading });
  engine.queue.flushSoon();
  return source.rowsFirst(await reading.result);
}
