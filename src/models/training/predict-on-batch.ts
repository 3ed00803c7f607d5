import type { ArrayInput } from '../arrays.ts';
import { knownOptions } from '../../runtime/options.ts';
import { BatchInPlace } from './data/batch-in-place.ts';
import { checkInputs, sampleShapes } from './data/checked-data.ts';
import { demandsOf } from './data/dataset.ts';
import type { Engine } from './engine/engine.ts';
import { prediction, type PredictOnBatchOptions, type Prediction } from './predict.ts';

/**
 * `model.predictOnBatch`: queued at once, so that calls keep their order among those that train. The outputs are copied
 * in the submit that works them out, and from the second call on nothing is made on the GPU.
 */
export async function predictOnBatch(
  engine: Engine,
  x: ArrayInput,
  options: PredictOnBatchOptions,
): Promise<Prediction> {
  const where = 'model.predictOnBatch';
  knownOptions(where, options, ['lengths', 'initialState']);
  const samples = checkInputs(engine, where, x, options);
  const [rows, steps] = samples.x.shape;
  const program = engine.program('predict', rows, steps, demandsOf(sampleShapes(samples)));
  const feed = engine.staging(program, () => new BatchInPlace(program, engine.ownSlots(rows)));
  const { slots: range = 'training' } = feed;
  if (range !== 'training') engine.resetStates(range);
  const reading = engine.gpu.readback.prepare(feed.results.map(({ piece }) => piece));
  const numbers = Uint32Array.from({ length: rows }, (_, row) => row);
  engine.push(feed, numbers, { range, upload: feed.stepsFirst(samples), reading });
  // If sending fails, `reading` fails as well.
  engine.queue.flush().catch(() => {});
  const [output, ...states] = feed.rowsFirst(await reading.result);
  return prediction(engine, output, states);
}
