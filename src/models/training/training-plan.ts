import { ValueError } from '../../runtime/errors.ts';
import { oneOf, positiveInteger, show } from '../../runtime/options.ts';
import type { ArrayInput } from '../network/arrays.ts';
import {
  assertFits,
  checkData,
  checkValidation,
  type CheckedData,
  type CompiledNetwork,
  type ValidationData,
  type SampleOptions,
} from './data/checked-data.ts';
import type { Lengths } from './data/lengths.ts';
import { checkSplit, samplesBetween, splitPosition } from './data/split-data.ts';
import { checkResetPolicy, type BatchResets, type CheckedResets, type ResetPolicy } from './reset-policy.ts';
import { checkTruncate } from './truncate.ts';

/** The options of `fit` that concern training itself, without its callbacks. */
export interface TrainingOptions extends SampleOptions {
  /**
   * Samples in a batch; if there are fewer, all of them. Default: the model's batchSize if it has one, otherwise 32. A
   * stateful model trains on batches of at most as many rows as it has.
   */
  batchSize?: number;
  /** The number of the epoch before which to end, counted from 0: how many there are, from `initialEpoch` 0. Default: 1. */
  epochs?: number;
  /** The number of the epoch with which to begin, to go on with an earlier training as in Keras. Default: 0. */
  initialEpoch?: number;
  /**
   * A new order of the samples in every epoch. Default: true, but false for a stateful model, where row i of a batch
   * continues row i of the one before: there `true` is refused and `'force'` shuffles all the same.
   */
  shuffle?: boolean | 'force';
  /** Samples and targets to test on after every epoch. `initialState` does not apply to them: it is that of x. */
  validationData?: ValidationData;
  /**
   * The fraction of the samples to test on after every epoch and not to train on: the last ones, before any shuffling, with
   * their weights, lengths, initial states and marks of resets, but without `classWeight`. `validationData` wins over it, as in
   * Keras. Default: 0.
   */
  validationSplit?: number;
  /** `lengths` of the validation data. */
  validationLengths?: Lengths;
  /**
   * The states that validation continues: `'own'`, the default, from zero each time, so that those of training are left
   * alone; or `'carry'`, as in Keras: those of training, which then go on from where validation left them.
   */
  validationStates?: 'own' | 'carry';
  /**
   * When the states of a stateful model start from zero. A number of batches also counts for validation. Default:
   * `'never'`, as in Keras.
   */
  resetStates?: ResetPolicy;
  /**
   * Cuts sequences into windows of so many steps, each an update: states are carried from one to the next, gradients are
   * not (truncated back-propagation through time). For stateful models with an output for every step. The loss and the
   * metrics of an epoch are means over all steps, also if the last window is shorter.
   */
  truncate?: number;
}

/** How often a training goes through its batches, and which states these continue. */
export interface EpochPlan {
  epochs: number;
  initialEpoch: number;
  /** The number of the batch with which the first epoch begins. Default: 0. */
  initialBatch?: number;
  /** Which states validation continues. */
  validationStates: 'own' | 'carry';
  batchResets: BatchResets;
  validationResets: BatchResets;
}

/** A call of `fit` or `trainMany` with arrays, checked. */
export interface TrainingPlan extends EpochPlan {
  /** Whether each epoch takes the samples in a new order. */
  isShuffled: boolean;
  training: CheckedData;
  validation?: CheckedData;
  /** How many steps an update has: all of the samples', or those of a window. */
  windowSteps: number;
  /** How many batches an epoch has. */
  batches: number;
}

/** @throws ShapeError, ValueError before anything is made on the GPU */
export function checkTraining(
  where: string,
  model: CompiledNetwork,
  x: ArrayInput,
  y: ArrayInput,
  options: TrainingOptions,
): TrainingPlan {
  const { network } = model;
  const { validationStates = 'own' } = options;
  const plan = {
    ...checkEpochs(where, options),
    isShuffled: checkShuffle(where, options.shuffle, network.slots !== undefined),
    validationStates: oneOf(where, 'validationStates', validationStates, ['own', 'carry']),
  };
  const checked = checkData(model, where, x, y, options.batchSize, options);
  const { training, batchResets, validation, validationResets } = withValidation(
    where,
    model,
    checkResetPolicy(where, network, options.resetStates, checked),
    options,
  );
  assertFits(where, network, training.rows);
  if (validation) assertFits(where, network, validation.rows);
  const windowSteps = checkTruncate(where, network, options.truncate, checked.steps, options.initialState);
  return {
    ...plan,
    batchResets,
    validationResets,
    training,
    validation,
    windowSteps,
    batches: Math.ceil(training.count / training.rows),
  };
}

/** @throws ValueError */
export function checkEpochs(
  where: string,
  { epochs = 1, initialEpoch = 0 }: Pick<TrainingOptions, 'epochs' | 'initialEpoch'>,
): Pick<TrainingPlan, 'epochs' | 'initialEpoch'> {
  positiveInteger(where, 'epochs', epochs);
  if (Number.isInteger(initialEpoch) && initialEpoch >= 0 && initialEpoch <= epochs) return { epochs, initialEpoch };
  throw new ValueError(
    `${where}: initialEpoch is ${show(initialEpoch)}, expected a whole number from 0 to epochs = ${epochs}, which is where ` +
      `training ends and not how many epochs there are.`,
  );
}

/** The resets between batches of validation, if its samples have no marks: a number of batches counts there too. */
export function validationResetsOf(batchResets: BatchResets): BatchResets {
  return typeof batchResets === 'number' ? batchResets : 'never';
}

type TrainingData = Pick<TrainingPlan, 'training' | 'batchResets' | 'validation' | 'validationResets'>;

/** Adds the samples to validate on: those given for it, or the last ones of all. @throws ShapeError, ValueError */
function withValidation(
  where: string,
  model: CompiledNetwork,
  { data, batchResets }: CheckedResets,
  options: TrainingOptions,
): TrainingData {
  const { count } = data;
  const fraction = checkSplit(where, options.validationSplit);
  const everyNth = validationResetsOf(batchResets);
  const given = checkValidation(model, where, options.validationData, data.batchSize, options.validationLengths);
  if (given || fraction === 0) return { training: data, batchResets, validation: given, validationResets: everyNth };
  const split = splitPosition(where, fraction, count);
  const validation = samplesBetween(data, split, count);
  if (options.classWeight !== undefined) validation.channels.weights = undefined;
  const isMask = batchResets instanceof Uint8Array;
  return {
    training: samplesBetween(data, 0, split),
    batchResets: isMask ? batchResets.subarray(0, split) : batchResets,
    validation,
    validationResets: isMask ? batchResets.subarray(split) : everyNth,
  };
}

/** Where a training begins, to be reported while its kernels compile. */
export function beginningOf({
  initialEpoch: epoch,
  epochs,
  batches,
}: Pick<TrainingPlan, 'initialEpoch' | 'epochs'> & { batches?: number }) {
  return { epoch, epochs, batches };
}

/** @throws ValueError */
function checkShuffle(where: string, shuffle: unknown, isStateful: boolean): boolean {
  if (shuffle === undefined) return !isStateful;
  if (shuffle === 'force') return true;
  if (typeof shuffle !== 'boolean') {
    throw new ValueError(`${where}: shuffle is ${show(shuffle)}, expected true or false, or 'force'.`);
  }
  if (shuffle && isStateful) {
    throw new ValueError(
      `${where}: shuffle is true, but in a stateful model row i of a batch continues row i of the batch before, and ` +
        `shuffled samples would continue other sequences. Leave it out, or shuffle all the same with shuffle: 'force'.`,
    );
  }
  return shuffle;
}
