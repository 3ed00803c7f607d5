import { knownOptions, optionalFunction } from '../../runtime/options.ts';
import type { StateSlots } from '../../runtime/state-slots.ts';
import { requireCompiled, type Compiled } from '../execution/compiled.ts';
import type { ArrayInput } from '../network/arrays.ts';
import { checkCallbacks, type Callback, type EvaluateOptions } from './callbacks/callback.ts';
import { checkData, keyOf, upload } from './data/checked-data.ts';
import type { Dataset } from './data/dataset.ts';
import { checkSignal } from './engine/abort.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import { runEpoch } from './epoch.ts';
import type { Logs } from '../execution/logs.ts';
import { ModelGroup } from './model-group.ts';
import { ProgressClock } from './progress.ts';
import { reporterOf, whileCompiling } from './reporter.ts';
import { checkResetPolicy, type CheckedResets } from './reset-policy.ts';

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
  checkSignal(where, options.signal);
  const { onProgress } = options;
  const callbacks = checkCallbacks(where, options.callbacks);
  optionalFunction(where, 'onProgress', onProgress);
  const checked = checkData({ network, compiled }, where, x, y, options.batchSize, options);
  const { batchResets, data } = checkResetPolicy(where, network, options.resetStates, checked);
  const [dataset] = upload(gpu, where, data);
  return (run) => evaluate(run, { engine, compiled, callbacks, onProgress, batchResets, data, dataset });
}

/** A call of `model.evaluate`, checked, with its samples on the GPU. */
interface Evaluation extends CheckedResets, Pick<EvaluateOptions, 'onProgress'> {
  engine: Engine;
  compiled: Compiled;
  callbacks: readonly Callback[];
  dataset: Dataset;
}

async function evaluate(run: Run, evaluation: Evaluation): Promise<Logs> {
  const { engine, compiled, callbacks, onProgress, batchResets, data, dataset } = evaluation;
  let slots: StateSlots | undefined;
  try {
    const key = keyOf('test', data, compiled);
    const begin = async () => {
      await engine.begin(run, [key]);
      slots = engine.network.temporarySlots(data.rows, data.batchSize);
      if (slots) run.range = slots;
      const bound = engine.programs.bind(key, dataset, slots);
      await run.untilAborted(bound.ready);
      return bound;
    };
    const report = reporterOf(run, onProgress);
    const position = { epoch: 0, epochs: 1, batches: Math.ceil(data.count / data.rows) };
    const bound = await whileCompiling(begin(), { gpu: engine.gpu, runs: [run], position, report });
    const clock = new ProgressClock(position.batches);
    const tell = (batch: number, logs: readonly Logs[]) =>
      report?.(clock.pace(batch, { phase: 'evaluating', batch, ...position }), logs);
    await run.notify(callbacks, 'onTestBegin');
    const group = ModelGroup.of({ engine, compiled, run, callbacks, isStopped: () => false });
    const { means } = await runEpoch(group, {
      takesPart: [true],
      windows: [{ bound, firstStep: 0 }],
      samples: data.count,
      batchResets,
      isDue: () => clock.isDue(),
      report: tell,
    });
    await group.reader.read();
    await tell(position.batches, means.logs);
    const [logs] = means.logs;
    await run.notify(callbacks, 'onTestEnd', logs);
    return logs;
  } finally {
    await engine.release(run, dataset, slots);
  }
}
