import type { ArrayInput, NumberArray } from '../arrays.ts';
import { knownOptions, positiveInteger } from '../layers/options.ts';
import { Dataset } from './data/dataset.ts';
import type { Engine } from './engine/engine.ts';
import { maskOfLengths, type Lengths } from './data/lengths.ts';
import type { StateRange } from './engine/state-ranges.ts';

export interface PredictOptions {
  /** Samples in a batch. Default: the model's batchSize if it has one, otherwise 32. */
  batchSize?: number;
  /** How many steps of each sample count; the rest is padding on the right. */
  lengths?: Lengths;
}

/** The loop behind `model.predict`: all batches run on the GPU before their results are read together. */
export async function predict(
  engine: Engine,
  range: StateRange,
  x: ArrayInput,
  options: PredictOptions,
): Promise<NumberArray> {
  const where = 'model.predict';
  knownOptions(where, options, ['batchSize', 'lengths']);
  const samples = engine.network.toSamples(`${where}: x`, x);
  const batchSize = options.batchSize ?? engine.network.batchSize ?? 32;
  const rows = positiveInteger(where, 'batchSize', batchSize);
  engine.assertFits(where, rows);
  const mask = options.lengths && maskOfLengths(`${where}: lengths`, options.lengths, samples);
  const { dataset, send } = queueable(engine, range, samples, rows, mask);
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
  const samples = engine.network.toSamples(`${where}: x`, x);
  const rows = samples.shape[0];
  engine.assertFits(where, rows);
  const { dataset, send } = queueable(engine, 'training', samples, rows);
  send(0, rows);
  return collect(engine, dataset);
}

function queueable(engine: Engine, range: StateRange, samples: NumberArray, rows: number, mask?: NumberArray) {
  const count = samples.shape[0];
  const program = engine.program('predict', rows, samples.shape[1], { isMasked: mask !== undefined });
  const shapes = { input: program.inputSample, mask: mask?.shape.slice(1), result: program.outputSample };
  const dataset = new Dataset(engine.gpu, count, shapes);
  dataset.write(0, { x: samples.data, mask: mask?.data });
  const feed = dataset.feed(program);
  const numbers = Uint32Array.from({ length: count }, (_, index) => index);
  return { dataset, send: (first: number, end: number) => engine.push(feed, numbers.subarray(first, end), { range }) };
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
