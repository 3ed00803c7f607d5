import { ShapeError } from '../../runtime/errors.ts';
import { knownOptions } from '../../runtime/options.ts';
import { elementCount, sameShape, shapeText } from '../../runtime/shape.ts';
import { mapChannels, type Outputs } from '../execution/channels.ts';
import type { NumberArray } from '../../runtime/numbers.ts';
import { BatchReader, type Batches, type InputBatch, type Wait } from './data/batches.ts';
import { checkInputBatch } from './data/checked-batch.ts';
import { keyOf, type CheckedSamples } from './data/checked-data.ts';
import { assertRoom } from './data/dataset.ts';
import { checkSignal } from './engine/abort.ts';
import type { Engine } from './engine/engine.ts';
import type { RunContext } from './engine/state-ranges.ts';
import { prediction, type Prediction, type PredictOptions } from './predict.ts';
import { bindInPlace, predictInPlace } from './predict-on-batch.ts';
import { stepsFirst } from './data/batch-in-place.ts';

/** How many batches are on the GPU at once: one is computed while the next is uploaded. */
const IN_FLIGHT = 2;

/**
 * Checks a call of `model.predict` for batches of an iterable.
 *
 * @returns a function that runs the call when its turn has come. It must be called in any case, since it closes the iterable
 * @throws ValueError
 */
export function preparePredictBatches(
  engine: Engine,
  batches: Batches<InputBatch>,
  options: PredictOptions,
): (run: RunContext) => Promise<Prediction> {
  const where = 'model.predict';
  // Batches bring their own sizes and lengths.
  knownOptions(where, options, ['signal']);
  checkSignal(where, options.signal);
  const reader = new BatchReader(where, batches);
  return async (run) => {
    const wait = <T>(promise: PromiseLike<T>) => run.untilAborted(promise);
    try {
      return await reader.during(wait, () => new BatchPrediction(where, engine, run, reader, wait).predict());
    } finally {
      await engine.release(run);
    }
  };
}

class BatchPrediction {
  readonly #outputs: Outputs<NumberArray>[] = [];
  /** Batches whose outputs have not been read. */
  readonly #pending: Promise<Outputs<NumberArray>>[] = [];

  constructor(
    private readonly where: string,
    private readonly engine: Engine,
    private readonly run: RunContext,
    private readonly reader: BatchReader<InputBatch>,
    private readonly wait: Wait,
  ) {}

  async predict(): Promise<Prediction> {
    const { engine, run, reader, wait } = this;
    run.throwIfAborted();
    await reader.begin(wait);
    for (let batch = 0; ; batch++) {
      const samples = await this.#read(batch);
      if (!samples) break;
      const { count: rows } = samples;
      const key = keyOf(this.where, 'predict', { ...samples, rows });
      if (batch === 0) await engine.begin(run, [key]);
      while (this.#pending.length >= IN_FLIGHT) await this.#take();
      const upload = stepsFirst(samples.channels);
      // The program must not be dropped while its kernels compile, before an update waits for it.
      engine.programs.hold(run, [key]);
      const bound = bindInPlace(engine, key);
      await run.untilAborted(bound.ready);
      const outputs = predictInPlace(engine, bound, upload, run.range);
      // It is awaited later; that it failed before must not count as unhandled.
      outputs.catch(() => {});
      this.#pending.push(outputs);
    }
    while (this.#pending.length > 0) await this.#take();
    return prediction(engine.network, joined(this.#outputs));
  }

  async #read(batch: number): Promise<CheckedSamples | undefined> {
    const { where, engine, run } = this;
    run.throwIfAborted();
    const given = await this.reader.next(this.wait);
    if (!given) return undefined;
    engine.queue.assertOpen();
    const which = `${where}: batch ${batch}`;
    const samples = checkInputBatch(which, engine.network, given.batch);
    assertRoom(engine.gpu, which, samples.channels);
    return samples;
  }

  /** Takes the outputs of the first batch that is pending. @throws ShapeError if they cannot be joined with the others */
  async #take(): Promise<void> {
    const outputs = await this.run.untilAborted(this.#pending.shift()!);
    const [first] = this.#outputs;
    const { shape } = outputs.output;
    if (first && !sameShape(shape.slice(1), first.output.shape.slice(1))) {
      throw new ShapeError(
        `${this.where}: the outputs of batch ${this.#outputs.length} have shape ${shapeText(shape)} and those of batch 0 ` +
          `${shapeText(first.output.shape)}, so they cannot be joined. Call model.predictOnBatch with each batch instead.`,
      );
    }
    this.#outputs.push(outputs);
  }
}

/** The outputs of all batches, one behind the other. */
function joined(batches: readonly Outputs<NumberArray>[]): Outputs<NumberArray> {
  return mapChannels(batches[0], (_, name) => {
    const parts = batches.map((outputs) => outputs[name as keyof Outputs<NumberArray>]!);
    const shape = [parts.reduce((sum, part) => sum + part.shape[0], 0), ...parts[0].shape.slice(1)];
    const data = new Float32Array(elementCount(shape));
    let filled = 0;
    for (const part of parts) {
      data.set(part.data, filled);
      filled += part.data.length;
    }
    return { data, shape };
  });
}
