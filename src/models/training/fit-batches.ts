import { knownOptions, oneOf } from '../../runtime/options.ts';
import { requireCompiled } from '../execution/compiled.ts';
import { BatchFeed } from './batch-feed.ts';
import { BatchReader, type Batches } from './data/batches.ts';
import { assertFits, checkValidation, keyOf, upload, type CompiledNetwork } from './data/checked-data.ts';
import { copyClassWeight } from './data/sample-weights.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import { DatasetBatches } from './epoch-batches.ts';
import type { FitOptions } from './fit.ts';
import { ModelGroup } from './model-group.ts';
import { reporterOf, whileCompiling } from './reporter.ts';
import { checkResetRule, type ResetRule } from './reset-policy.ts';
import { checkRunOptions } from './run-options.ts';
import { train, type TrainingHistory } from './train.ts';
import { beginningOf, checkEpochs, validationResetsOf } from './training-plan.ts';

/** Options of `fit` for batches of an iterable, which bring their own sizes, weights and lengths, in their own order. */
export interface FitBatchesOptions extends Pick<
  FitOptions,
  | 'epochs'
  | 'initialEpoch'
  | 'classWeight'
  | 'validationData'
  | 'validationLengths'
  | 'validationStates'
  | 'callbacks'
  | 'onProgress'
  | 'signal'
> {
  /** When the states of a stateful model start from zero: see `ResetPolicy`. Default: `'never'`. */
  resetStates?: ResetRule;
}

/** The names of these options. */
export const FIT_BATCHES_OPTIONS: readonly string[] = [
  'epochs',
  'initialEpoch',
  'classWeight',
  'validationData',
  'validationLengths',
  'validationStates',
  'resetStates',
  'callbacks',
  'onProgress',
  'signal',
];

/**
 * Checks a call of `model.fit` for batches of an iterable, none of which is asked for yet.
 *
 * @returns a function that runs the call when its turn has come. It must be called in any case, since it frees what the call
 * has uploaded
 * @throws ShapeError, ValueError, LimitError
 */
export function prepareFitBatches(
  engine: Engine,
  batches: Batches,
  options: FitBatchesOptions,
): (run: Run) => Promise<TrainingHistory> {
  const where = 'model.fit';
  const { network, gpu } = engine;
  const compiled = requireCompiled(where, engine.compiled);
  const { callbacks, onProgress, testData, classWeight, ...plan } = checkOptions(where, { network, compiled }, options);
  const epochs = plan.epochs - plan.initialEpoch;
  const reader = new BatchReader(where, batches, epochs);
  const testSet = testData && upload(gpu, `${where}: validationData`, testData)[0];

  return async (run) => {
    const feed = new BatchFeed(reader, { where, engine, compiled, run, mode: 'train', classWeight });
    const makeReady = async () => {
      const testKey = testData && keyOf(`${where}: validationData`, 'test', testData, compiled);
      const first = epochs > 0 ? await feed.peek() : undefined;
      await engine.begin(
        run,
        [first, testKey].filter((key) => key !== undefined),
      );
      const bound = testKey && engine.programs.bind(testKey, testSet!);
      return bound && new DatasetBatches([{ bound, firstStep: 0 }], testData.count, 1);
    };
    try {
      return await feed.during(async () => {
        const report = reporterOf(run, onProgress);
        const position = beginningOf({ ...plan, batches: reader.length });
        const validation = await whileCompiling(makeReady(), { gpu, runs: [run], position, report });
        const member = { engine, compiled, run, callbacks, isStopped: () => feed.isStopped || run.stop.stopTraining };
        const [history] = await train(ModelGroup.of(member), plan, { training: feed, validation, report });
        return history;
      });
    } finally {
      await engine.release(run, testSet);
    }
  };
}

/** Checks what is known before the first batch. @throws ShapeError, ValueError */
function checkOptions(where: string, model: CompiledNetwork, options: FitBatchesOptions) {
  knownOptions(where, options, FIT_BATCHES_OPTIONS);
  const common = checkRunOptions(where, options);
  const { classWeight, validationData, validationLengths, validationStates = 'own' } = options;
  const batchResets = checkResetRule(where, options.resetStates);
  const testData = checkValidation(model, where, validationData, undefined, validationLengths);
  if (testData) assertFits(where, model.network, testData.rows);
  return {
    ...common,
    ...checkEpochs(where, options),
    classWeight: classWeight === undefined ? undefined : copyClassWeight(`${where}: classWeight`, classWeight),
    validationStates: oneOf(where, 'validationStates', validationStates, ['own', 'carry']),
    batchResets,
    validationResets: validationResetsOf(batchResets),
    testData,
  };
}
