import { knownOptions, optionalFunction } from '../../runtime/options.ts';
import type { StateSlots } from '../../runtime/state-slots.ts';
import type { ArrayInput } from '../arrays.ts';
import { checkCallbacks, type Callback, type Logs } from './callbacks/callback.ts';
import type { Dataset } from './data/dataset.ts';
import type { Engine, ProgramArguments } from './engine/engine.ts';
import type { InitialState } from './data/initial-states.ts';
import type { Lengths } from './data/lengths.ts';
import { runEpoch } from './epoch.ts';
import { checkData, upload } from './data/checked-data.ts';
import { ProgressClock, type Progress } from './progress.ts';
import { checkResetPolicy, type ResetPolicy } from './reset-policy.ts';
import type { StateRange } from './engine/state-ranges.ts';

export interface EvaluateOptions {
  /**
   * Samples in a batch. Default: the model's batchSize if it has one, otherwise 32. With more, a stateful model has
   * states of its own for this call: from zero, carried from batch to batch, and gone afterwards.
   */
  batchSize?: number;
  /** How many steps of each sample count; the rest is padding on the right. */
  lengths?: Lengths;
  /** How much each sample, or each step of its output, weighs. Default: all weigh 1. */
  sampleWeight?: ArrayInput;
  /** The states that samples start from. Default: zero, or what a stateful layer has stored. */
  initialState?: InitialState;
  /** When the states of a stateful model start from zero. Default: `'never'`. */
  resetStates?: ResetPolicy;
  /** Their `onTest…` functions are called. */
  callbacks?: readonly Callback[];
  /** Called a few times a second. */
  onProgress?: (progress: Progress) => void;
}

const OPTIONS = ['batchSize', 'lengths', 'sampleWeight', 'initialState', 'resetStates', 'callbacks', 'onProgress'];

/** The loop behind `model.evaluate`. */
export async function evaluate(
  engine: Engine,
  outer: StateRange,
  x: ArrayInput,
  y: ArrayInput,
  options: EvaluateOptions,
): Promise<Logs> {
  const where = 'model.evaluate';
  knownOptions(where, options, OPTIONS);
  const { onProgress } = options;
  const callbacks = checkCallbacks(where, options.callbacks);
  optionalFunction(where, 'onProgress', onProgress);
  const data = checkData(engine, where, ['x', 'y'], x, y, options.batchSize, {
    sampleWeight: options.sampleWeight,
    lengths: options.lengths,
    initialState: options.initialState,
  });
  const samples = data.x.shape[0];
  const { resets, continues } = checkResetPolicy(where, engine.network, options.resetStates, data);
  const batches = Math.ceil(samples / data.rows);
  const clock = new ProgressClock(batches, onProgress);
  let dataset: Dataset | undefined;
  let slots: StateSlots | undefined;
  try {
    dataset = upload(engine, { ...data, continues });
    slots = engine.ownSlots(data.rows);
    const range = slots ?? outer;
    const program: ProgramArguments = ['test', data.rows, data.x.shape[1], dataset.demands];
    await engine.tune([program]);
    const feed = dataset.feed(engine.program(...program), slots);
    await engine.notify(range, callbacks, 'onTestBegin');
    const logs = await runEpoch(engine, {
      windows: [{ feed, firstStep: 0 }],
      samples,
      range,
      resets,
      callbacks,
      isDue: () => clock.isDue(),
      report: (batch, means) => clock.report(batch, { epoch: 0, epochs: 1, batch, batches }, means),
      isStopped: () => false,
    });
    await engine.notify(range, callbacks, 'onTestEnd', logs);
    return logs;
  } finally {
    await engine.release(dataset, slots);
  }
}
