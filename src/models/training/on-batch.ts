import { knownOptions } from '../../runtime/options.ts';
import { requireCompiled } from '../execution/compiled.ts';
import type { ArrayInput } from '../network/arrays.ts';
import { assertFits, checkData, keyOf, type SampleOptions } from './data/checked-data.ts';
import { assertRoom } from './data/dataset.ts';
import type { Engine } from './engine/engine.ts';
import { Report } from './engine/report.ts';
import type { Logs } from '../execution/logs.ts';
import { copyOf, Staging } from './staging.ts';

/**
 * Training and testing on single batches. A call queues its batch at once and reads its loss later: calls made without
 * waiting for each other go to the GPU in one submit and share one readback.
 */
export class OnBatch {
  readonly #staging: Staging;

  constructor(private readonly engine: Engine) {
    this.#staging = new Staging(engine);
  }

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
    options: SampleOptions,
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
    const upload = copyOf(data);
    const key = keyOf(where, mode, data, compiled);
    return async () => {
      const { bound, samples: numbers } = this.#staging.take(key, data);
      const { slots: range = 'training' } = bound;
      if (range !== 'training') engine.resetStates(range);
      const report = new Report(compiled.journal, compiled.journal.next);
      engine.push(bound, numbers, { range, upload, report });
      engine.queue.flushSoon();
      return compiled.logs(await report.row(), rows);
    };
  }
}
