import { ValueError } from '../../runtime/errors.ts';
import { knownOptions, show } from '../../runtime/options.ts';
import { requireCompiled } from '../execution/compiled.ts';
import type { ArrayInput } from '../network/arrays.ts';
import type { Callback, MaybePromise } from './callbacks/callback.ts';
import { keyOf, upload } from './data/checked-data.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import { DatasetBatches } from './epoch-batches.ts';
import { ModelGroup } from './model-group.ts';
import type { Progress } from './progress.ts';
import { reporterOf, whileCompiling } from './reporter.ts';
import { checkRunOptions } from './run-options.ts';
import { train, type TrainingHistory } from './train.ts';
import { beginningOf, checkTraining, type TrainingOptions } from './training-plan.ts';
import { trainingPrograms, trainingWindows } from './truncate.ts';

export interface FitOptions extends TrainingOptions {
  /**
   * The number of the batch with which the first epoch begins, to go on with one that was broken off: the batches before it are
   * left out, also of its logs, and the order of the samples is drawn as ever. Default: 0.
   */
  initialBatch?: number;
  callbacks?: readonly Callback[];
  /**
   * Called as soon as the call has its turn, then at most four times a second, and at the end; a promise that it returns is
   * awaited, and its error ends the call. To be told of every epoch, give a callback with `onEpochEnd`.
   */
  onProgress?: (progress: Progress) => MaybePromise;
  /**
   * Ends the call when it is aborted: the call rejects with the signal's reason, and weights and states are those after the
   * last update that was queued. Callbacks hear nothing more, and one that has not returned is not waited for: its model throws
   * BusyError from then on. To end it with a result, set `model.stopTraining` instead. A signal that is aborted already rejects
   * before anything changes.
   */
  signal?: AbortSignal;
}

const OPTIONS = [
  'batchSize',
  'epochs',
  'initialEpoch',
  'initialBatch',
  'shuffle',
  'lengths',
  'sampleWeight',
  'classWeight',
  'initialState',
  'validationData',
  'validationSplit',
  'validationLengths',
  'validationStates',
  'resetStates',
  'truncate',
  'callbacks',
  'onProgress',
  'signal',
];

/**
 * Checks a call of `model.fit` and uploads its samples, whose arrays may be used again afterwards.
 *
 * @returns a function that runs the call when its turn has come. It must be called in any case, since it frees the samples
 * @throws ShapeError, ValueError, LimitError
 */
export function prepareFit(
  engine: Engine,
  x: ArrayInput,
  y: ArrayInput,
  options: FitOptions,
): (run: Run) => Promise<TrainingHistory> {
  const where = 'model.fit';
  const { network, gpu } = engine;
  const compiled = requireCompiled(where, engine.compiled);
  knownOptions(where, options, OPTIONS);
  const { callbacks, onProgress } = checkRunOptions(where, options);
  const checked = checkTraining(where, { network, compiled }, x, y, options);
  const plan = { ...checked, initialBatch: checkInitialBatch(where, options.initialBatch, checked.batches) };
  const { training, validation } = plan;
  const [trainSet, testSet] = upload(gpu, where, training, validation);

  /** Binds the programs, and waits for those that train. */
  const makeReady = async (run: Run) => {
    const keys = trainingPrograms(keyOf(where, 'train', training, compiled), plan.windowSteps);
    const testKey = validation && keyOf(`${where}: validationData`, 'test', validation, compiled);
    await engine.begin(run, testKey ? [...keys, testKey] : keys);
    const windows = trainingWindows(engine, trainSet, keys);
    const test = testKey && engine.programs.bind(testKey, testSet!);
    // No update waits while kernels compile, so that a call that is aborted meanwhile has done nothing.
    const batches = new DatasetBatches(
      windows,
      training.count,
      1,
      plan.isShuffled ? [engine.randoms.shuffle] : undefined,
    );
    await run.untilAborted(batches.ready);
    return {
      training: batches,
      validation: test && new DatasetBatches([{ bound: test, firstStep: 0 }], validation.count, 1),
    };
  };

  return async (run) => {
    try {
      const report = reporterOf(run, onProgress);
      const batches = await whileCompiling(makeReady(run), { gpu, runs: [run], position: beginningOf(plan), report });
      const member = { engine, compiled, run, callbacks, isStopped: () => run.stop.stopTraining };
      const [history] = await train(ModelGroup.of(member), plan, { ...batches, report });
      return history;
    } finally {
      await engine.release(run, trainSet, testSet);
    }
  };
}

/** @throws ValueError unless it is the number of a batch of an epoch, or left out */
function checkInitialBatch(where: string, batch: unknown = 0, batches: number): number {
  if (typeof batch === 'number' && Number.isInteger(batch) && batch >= 0 && batch < batches) return batch;
  throw new ValueError(
    `${where}: initialBatch is ${show(batch)}, expected a whole number from 0 to ${batches - 1}, since an epoch has ` +
      `${batches} batches.`,
  );
}
