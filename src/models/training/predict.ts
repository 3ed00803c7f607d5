import type { ArrayInput, NumberArray } from '../arrays.ts';
import { knownOptions, positiveInteger } from '../layers/options.ts';
import { Dataset, type Feed } from './data/dataset.ts';
import type { Engine } from './engine/engine.ts';
import { maskOfLengths, type Lengths } from './data/lengths.ts';
import type { StateRange } from './engine/state-ranges.ts';

export interface PredictOptions {
  /**
   * Samples in a batch. Default: the model's batchSize if it has one, otherwise 32. With more, a stateful model has states
   * of its own for this call: from zero, carried from batch to batch, and gone afterwards.
   */
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
  const mask = options.lengths && maskOfLengths(`${where}: lengths`, options.lengths, samples);
  const { feed, send } = queueable(engine, range, samples, rows, mask);
  const count = samples.shape[0];
  for (let first = 0; first < count; first += rows) {
    send(first, Math.min(count, first + rows));
    if (engine.queue.isFull) await engine.queue.flush();
  }
  return collect(engine, feed);
}

/** `model.predictOnBatch`: queued at once, so that calls keep their order among those that train. */
export function predictOnBatch(engine: Engine, x: ArrayInput): Promise<NumberArray> {
  const where = 'model.predictOnBatch';
  const samples = engine.network.toSamples(`${where}: x`, x);
  const rows = samples.shape[0];
  const { feed, send } = queueable(engine, 'training', samples, rows);
  send(0, rows);
  return collect(engine, feed);
}

function queueable(engine: Engine, range: StateRange, samples: NumberArray, rows: number, mask?: NumberArray) {
  const count = samples.shape[0];
  const program = engine.program('predict', rows, samples.shape[1], { isMasked: mask !== undefined });
  const shapes = { input: program.inputSample, mask: mask?.shape.slice(1), result: program.outputSample };
  const dataset = new Dataset(engine.gpu, count, shapes);
  dataset.write(0, { x: samples.data, mask: mask?.data });
  const feed = dataset.feed(program, engine.ownSlots(rows));
  const states = feed.slots ?? range;
  const numbers = Uint32Array.from({ length: count }, (_, index) => index);
  const send = (first: number, end: number) => engine.push(feed, numbers.subarray(first, end), { range: states });
  return { feed, send };
}

async function collect(engine: Engine, { dataset, slots }: Feed): Promise<NumberArray> {
  try {
    await engine.queue.flush();
    const { shape } = dataset.results!;
    return { data: await dataset.results!.read(), shape };
  } finally {
    dataset.dispose();
    slots?.dispose();
  }
}
