import { knownOptions } from '../../runtime/options.ts';
import type { StateSlots } from '../../runtime/state-slots.ts';
import { requireCompiled, type Compiled } from '../execution/compiled.ts';
import type { ArrayInput } from '../network/arrays.ts';
import type { Callback, EvaluateBatchesOptions, EvaluateOptions } from './callbacks/callback.ts';
import { BatchFeed } from './batch-feed.ts';
import { BatchReader, type Batches } from './data/batches.ts';
import { checkData, keyOf, upload } from './data/checked-data.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import { DatasetBatches, type EpochBatches } from './epoch-batches.ts';
import { runEpoch } from './epoch.ts';
import type { Logs } from '../execution/logs.ts';
import { ModelGroup } from './model-group.ts';
import { ProgressClock } from './progress.ts';
import { reporterOf, whileCompiling } from './reporter.ts';
import { checkResetPolicy, checkResetRule, type BatchResets } from './reset-policy.ts';
import { checkRunOptions } from './run-options.ts';

const OPTIONS = [
  'batchSize',
  'lengths',
  'sampleWeight',
  'initialState',
  'resetStates',
  'callbacks',
  'onProgress',
  'signal',
];

/**
 * Checks a call of `model.evaluate` and uploads its samples, whose arrays may be used again afterwards.
 *
 * @param compiled the loss and the metrics; default: those of the last `compile`
 * @returns a function that runs the call when its turn has come. It must be called in any case, since it frees the samples
 * @throws ShapeError, ValueError, LimitError
 */
export function prepareEvaluate(
  engine: Engine,
  x: ArrayInput,
  y: ArrayInput,
  options: EvaluateOptions,
  compiled = requireCompiled('model.evaluate', engine.compiled),
): (run: Run) => Promise<Logs> {
  const where = 'model.evaluate';
  const { gpu, network } = engine;
  knownOptions(where, options, OPTIONS);
  const { callbacks, onProgress } = checkRunOptions(where, options);
  const checked = checkData({ network, compiled }, where, x, y, options.batchSize, options);
  const { batchResets, data } = checkResetPolicy(where, network, options.resetStates, checked);
  const [dataset] = upload(gpu, where, data);
  const length = Math.ceil(data.count / data.rows);

  return async (run) => {
    let slots: StateSlots | undefined;
    try {
      const key = keyOf(where, 'test', data, compiled);
      const makeReady = async () => {
        await engine.begin(run, [key]);
        slots = network.temporarySlots(data.rows, data.batchSize);
        if (slots) run.range = slots;
        const bound = engine.programs.bind(key, dataset, slots);
        await run.untilAborted(bound.ready);
        return new DatasetBatches([{ bound, firstStep: 0 }], data.count, 1);
      };
      return await evaluate(run, { engine, compiled, callbacks, onProgress, batchResets, length, makeReady });
    } finally {
      await engine.release(run, dataset, slots);
    }
  };
}

/**
 * Checks a call of `model.evaluate` for batches of an iterable, none of which is asked for yet.
 *
 * @param compiled the loss and the metrics; default: those of the last `compile`
 * @returns a function that runs the call when its turn has come
 * @throws ValueError
 */
export function prepareEvaluateBatches(
  engine: Engine,
  batches: Batches,
  options: EvaluateBatchesOptions,
  compiled = requireCompiled('model.evaluate', engine.compiled),
): (run: Run) => Promise<Logs> {
  const where = 'model.evaluate';
  knownOptions(where, options, ['resetStates', 'callbacks', 'onProgress', 'signal']);
  const { callbacks, onProgress } = checkRunOptions(where, options);
  const batchResets = checkResetRule(where, options.resetStates);
  const reader = new BatchReader(where, batches);

  return async (run) => {
    const feed = new BatchFeed(reader, { where, engine, compiled, run, mode: 'test' });
    const makeReady = async () => {
      // Only training can be stopped before the first batch has come.
      await engine.begin(run, [(await feed.peek())!]);
      return feed;
    };
    try {
      return await feed.during(() =>
        evaluate(run, { engine, compiled, callbacks, onProgress, batchResets, length: reader.length, makeReady }),
      );
    } finally {
      await engine.release(run);
    }
  };
}

/** A call of `model.evaluate`, checked. */
interface Evaluation extends Pick<EvaluateOptions, 'onProgress'> {
  engine: Engine;
  compiled: Compiled;
  callbacks: readonly Callback[];
  batchResets: BatchResets;
  /** How many batches there are, if that is known. */
  length?: number;
  /** Makes the batches, with the programs that are known to be needed. */
  makeReady: () => Promise<EpochBatches>;
}

async function evaluate(run: Run, evaluation: Evaluation): Promise<Logs> {
  const { engine, compiled, callbacks, onProgress, batchResets, length, makeReady } = evaluation;
  const report = reporterOf(run, onProgress);
  const position = { epoch: 0, epochs: 1 };
  const batches = await whileCompiling(makeReady(), {
    gpu: engine.gpu,
    runs: [run],
    position: { ...position, batches: length },
    report,
  });
  const clock = new ProgressClock(() => batches.length);
  const tell = (batch: number, logs: readonly Logs[]) =>
    report?.(clock.pace(batch, { phase: 'evaluating', ...position, batch, batches: batches.length }), logs);
  await run.notify(callbacks, 'onTestBegin');
  const group = ModelGroup.of({ engine, compiled, run, callbacks, isStopped: () => false });
  const { means, batches: done } = await runEpoch(group, {
    takesPart: [true],
    batches,
    batchResets,
    progress: report && { isDue: () => clock.isDue(), report: tell },
  });
  await group.reader.read();
  await tell(done, means.logs);
  const [logs] = means.logs;
  await run.notify(callbacks, 'onTestEnd', logs);
  return logs;
}
