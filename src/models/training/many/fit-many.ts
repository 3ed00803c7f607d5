import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, optionalFunction, show } from '../../../runtime/options.ts';
import type { Logs } from '../../execution/logs.ts';
import type { ArrayInput } from '../../network/arrays.ts';
import { checkCallbacks, type Callback, type MaybePromise } from '../callbacks/callback.ts';
import { upload } from '../data/checked-data.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Run } from '../engine/run.ts';
import type { Pace } from '../progress.ts';
import { DatasetBatches } from '../epoch-batches.ts';
import { whileCompiling, type Reporter } from '../reporter.ts';
import { train, type TrainingHistory } from '../train.ts';
import { beginningOf, checkTraining, type TrainingOptions, type TrainingPlan } from '../training-plan.ts';
import { assertSameForm } from './same-form.ts';
import type { ModelOfMany } from './runs.ts';
import { SharedDispatches } from './shared-dispatches.ts';

export interface TrainManyOptions extends Pick<
  TrainingOptions,
  'batchSize' | 'epochs' | 'initialEpoch' | 'shuffle' | 'resetStates' | 'validationSplit' | 'validationStates'
> {
  /** Tested after every epoch. */
  validationData?: readonly [x: ArrayInput, y: ArrayInput];
  /**
   * Gives the callbacks of each model, by its index in the list: `() => [earlyStopping({ patience: 3 })]`. They are told of
   * this model alone, and what they ask for concerns it alone: one that sets `stopTraining` of its last argument ends the
   * training of this model, and the others go on. A callback with a memory, such as `earlyStopping`, must be made for each.
   */
  callbacks?: (index: number) => readonly Callback[];
  /**
   * Called as soon as the call has its turn, then at most four times a second, and at the end; a promise that it returns is
   * awaited, and its error ends the call.
   */
  onProgress?: (progress: ProgressOfMany) => MaybePromise;
}

/** The progress of all models. */
export interface ProgressOfMany extends Pace {
  /** The means of each model over this epoch so far, or over its last epoch if it has stopped; empty while compiling. */
  logs: readonly Logs[];
  /** The updates of all models per second, since the kernels have compiled; absent until then. */
  updatesPerSecond?: number;
}

const OPTIONS = [
  'batchSize',
  'epochs',
  'initialEpoch',
  'shuffle',
  'resetStates',
  'validationData',
  'validationSplit',
  'validationStates',
  'callbacks',
  'onProgress',
];

/**
 * Checks a call of `trainMany` and uploads its samples, whose arrays may be used again afterwards.
 *
 * @returns a function that runs the call when the turn of all models has come. It must be called in any case, since it frees
 * the samples
 * @throws ShapeError, ValueError, LimitError
 */
export function prepareMany(
  where: string,
  models: readonly ModelOfMany[],
  x: ArrayInput,
  y: ArrayInput,
  options: TrainManyOptions,
): (runs: readonly Run[]) => Promise<TrainingHistory[]> {
  knownOptions(where, options, OPTIONS);
  const { onProgress } = options;
  optionalFunction(where, 'onProgress', onProgress);
  const callbacks = callbacksOf(where, models.length, options.callbacks);
  const [{ engine, compiled }] = models;
  const { gpu, network } = engine;
  const plan = checkTraining(where, { network, compiled }, x, y, options);
  assertForMany(where, models, plan);
  const [trainSet, testSet] = upload(gpu, where, plan.training, plan.validation);
  return (runs) => trainTogether(where, runs, { models, callbacks, onProgress, plan, trainSet, testSet });
}

/** A call of `trainMany`, checked, with its samples on the GPU. */
interface TrainingOfMany extends Pick<TrainManyOptions, 'onProgress'> {
  models: readonly ModelOfMany[];
  /** The callbacks of each model. */
  callbacks: readonly (readonly Callback[])[];
  plan: TrainingPlan;
  trainSet: Dataset;
  testSet?: Dataset;
}

async function trainTogether(
  where: string,
  runs: readonly Run[],
  training: TrainingOfMany,
): Promise<TrainingHistory[]> {
  const { models, callbacks, onProgress, plan, trainSet, testSet } = training;
  let shared: SharedDispatches | undefined;
  try {
    shared = await SharedDispatches.begin(where, models);
    const members = models.map(({ engine, compiled }, index) => {
      const run = runs[index];
      return { engine, compiled, run, callbacks: callbacks[index], isStopped: () => run.stop.stopTraining };
    });
    const bound = shared.bind(trainSet, 'train', plan.training);
    const test = testSet && shared.bind(testSet, 'test', plan.validation!);
    const report: Reporter | undefined = onProgress && ((pace, logs) => onProgress(ofMany(models, pace, logs)));
    await whileCompiling(bound.ready, { gpu: models[0].engine.gpu, runs, position: beginningOf(plan), report });
    const randoms = plan.isShuffled ? models.map(({ engine }) => engine.randoms.shuffle) : undefined;
    return await train(shared.group(members), plan, {
      training: new DatasetBatches([{ bound, firstStep: 0 }], plan.training.count, models.length, randoms),
      validation: test && new DatasetBatches([{ bound: test, firstStep: 0 }], plan.validation!.count, models.length),
      report,
    });
  } finally {
    await shared?.end();
    trainSet.dispose();
    testSet?.dispose();
  }
}

function ofMany(
  models: readonly ModelOfMany[],
  { updatesPerSecond, ...pace }: Pace,
  logs: readonly Logs[] = models.map(() => ({})),
): ProgressOfMany {
  const ofAll = updatesPerSecond === undefined ? undefined : models.length * updatesPerSecond;
  return { ...pace, logs, updatesPerSecond: ofAll };
}

/** @throws ValueError */
function callbacksOf(where: string, models: number, given: TrainManyOptions['callbacks']): (readonly Callback[])[] {
  if (given !== undefined && typeof given !== 'function') {
    throw new ValueError(
      `${where}: callbacks is ${show(given)}, expected a function that makes those of each model, since they have a memory: ` +
        `callbacks: () => [earlyStopping()].`,
    );
  }
  return Array.from({ length: models }, (_, index) => checkCallbacks(`${where}: models[${index}]`, given?.(index)));
}

/** @throws ValueError if models that share dispatches cannot do this, which their own `fit` could */
function assertForMany(where: string, models: readonly ModelOfMany[], { training, validation }: TrainingPlan): void {
  assertSameForm(where, models, training);
  if (training.channels.resets) {
    throw new ValueError(
      `${where}: resetStates marks steps within samples, expected marks of samples only, one number each. Train with ` +
        `model.fit, or cut the samples at these steps.`,
    );
  }
  if (!validation) return;
  if (validation.channels.weights) {
    throw new ValueError(`${where}: validationData has a sampleWeight, expected [x, y]. Train with model.fit instead.`);
  }
  assertSameForm(where, models, validation);
}
