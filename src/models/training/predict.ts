import { toSamples, type ArrayInput, type NumberArray } from '../arrays.ts';
import { knownOptions, positiveInteger } from '../layers/options.ts';
import { Dataset } from './dataset.ts';
import type { Engine } from './engine.ts';

export interface PredictOptions {
  /** Samples in a batch. Default: the model's batchSize if it has one, otherwise 32. */
  batchSize?: number;
}

/** The loop behind `model.predict`: all batches run on the GPU before their results are read together. */
export async function predict(engine: Engine, x: ArrayInput, options: PredictOptions): Promise<NumberArray> {
  const where = 'model.predict';
  knownOptions(where, options, ['batchSize']);
  const samples = toSamples(`${where}: x`, x, engine.network.inputShape);
  const batchSize = options.batchSize ?? engine.network.batchSize ?? 32;
  const rows = positiveInteger(where, 'batchSize', batchSize);
  engine.assertFits(where, rows);
  const { dataset, send } = queueable(engine, samples, rows);
  const count = samples.shape[0];
  for (let first = 0; first < count; first += rows) {
    send(first, Math.min(count, first + rows));
    if (engine.queue.isFull) await engine.queue.flush();
  }
  return collect(engine, dataset);
}

/** `model.predictOnBatch`: queued at once, so that calls keep their order among those that train. */
export function predictOnBatch(engine: Engine, x: ArrayInput): Promise<NumberArray> {
  const where = 'model.predictOnBatch';
  const samples = toSamples(`${where}: x`, x, engine.network.inputShape);
  const rows = samples.shape[0];
  engine.assertFits(where, rows);
  const { dataset, send } = queueable(engine, samples, rows);
  send(0, rows);
  return collect(engine, dataset);
}

function queueable(engine: Engine, samples: NumberArray, rows: number) {
  const count = samples.shape[0];
  const dataset = new Dataset(engine.gpu, engine.program('predict', rows, samples.shape[1]), count);
  dataset.write(0, samples.data);
  const numbers = Uint32Array.from({ length: count }, (_, index) => index);
  return { dataset, send: (first: number, end: number) => engine.push(dataset, numbers.subarray(first, end)) };
}

async function collect(engine: Engine, dataset: Dataset): Promise<NumberArray> {
  try {
    await engine.queue.flush();
    const { shape } = dataset.results!;
    return { data: await dataset.results!.read(), shape };
  } finally {
    dataset.dispose();
  }
}
