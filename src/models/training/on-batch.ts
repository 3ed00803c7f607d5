import { knownOptions } from '../../runtime/options.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { requireCompiled } from '../execution/compiled.ts';
import { mapChannels } from '../execution/channels.ts';
import type { ArrayInput } from '../network/arrays.ts';
import { assertFits, checkData, keyOf, type CheckedData, type Weighting } from './data/checked-data.ts';
import { assertRoom, Dataset } from './data/dataset.ts';
import type { Engine } from './engine/engine.ts';
import { Report } from './engine/report.ts';
import type { Logs } from '../execution/logs.ts';

/** The most bytes of staging memory, which bounds how many batches can go in one submit. */
const STAGING_BYTES = 4 * 2 ** 20;

/**
 * Training and testing on single batches. A call queues its batch at once and reads its loss later: calls made without
 * waiting for each other go to the GPU in one submit and share one readback.
 */
export class OnBatch {
  /** How many batches were queued so far. */
  #batches = 0;

  constructor(private readonly engine: Engine) {}

  /**
   * Checks a call and copies its samples, whose arrays may be used again afterwards.
   *
   * @returns a function that queues the batch, to be called when the turn of the call has come
   * @throws ShapeError, ValueError
   */
  prepare(
    where: string,
    mode: 'train' | 'test',
    x: ArrayInput,
    y: ArrayInput,
    options: Weighting,
  ): () => Promise<Logs> {
    const { engine } = this;
    const { network } = engine;
    const compiled = requireCompiled(where, engine.compiled);
    knownOptions(where, options, ['lengths', 'sampleWeight', 'classWeight', 'initialState']);
    // With a batch size beyond every number of samples all of them are one batch.
    const data = checkData({ network, compiled }, where, x, y, Number.MAX_SAFE_INTEGER, options);
    const { rows } = data;
    if (mode === 'train') assertFits(where, network, rows);
    assertRoom(engine.gpu, where, data.channels);
    const upload = mapChannels(data.channels, (array) => array.data.slice());
    const key = keyOf(mode, data, compiled);
    return async () => {
      const bound = engine.programs.staging(key, ({ agenda }, accepted) =>
        stagingFor(engine.gpu, data, agenda.capacity, accepted),
      );
      // The staging memory is a ring of batches, of which each call takes the next.
      const first = (this.#batches++ % (bound.source.capacity / rows)) * rows;
      const numbers = Uint32Array.from({ length: rows }, (_, row) => first + row);
      const { slots: range = 'training' } = bound;
      if (range !== 'training') engine.resetStates(range);
      const report = new Report(compiled.journal, compiled.journal.next);
      engine.push(bound, numbers, { range, upload, report });
      engine.queue.flushSoon();
      return compiled.logs(await report.row(), rows);
    };
  }
}

/** Makes memory for as many batches of this form as one submit can have. */
function stagingFor(gpu: Gpu, { rows, channels }: CheckedData, most: number, accepted: Promise<void>): Dataset {
  const bytes = Object.values(mapChannels(channels, ({ data }) => data.byteLength)).reduce(
    (sum, bytes) => sum + bytes,
    0,
  );
  const batches = Math.max(1, Math.min(most, Math.floor(STAGING_BYTES / bytes)));
  const shapes = mapChannels(channels, ({ shape }) => shape.slice(1));
  return new Dataset(gpu, batches * rows, shapes, undefined, accepted);
}
