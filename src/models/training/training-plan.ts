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
  type Weighting,
} from './data/checked-data.ts';
import type { Lengths } from './data/lengths.ts';
import { checkResetPolicy, type ResetPolicy, type BatchResets } from './reset-policy.ts';
import { checkTruncate } from './truncate.ts';

/** The options of `fit` that concern training itself, without its callbacks. */
export interface TrainingOptions extends Weighting {
  /**
   * Samples in a batch; if there are fewer, all of them. Default: the model's batchSize if it has one, otherwise 32. A
   * stateful model trains on batches of at most as many rows as it has.
   */
  batchSize?: number;
  /** How many times to go through the data. Default: 1. */
  epochs?: number;
  /**
   * A new order of the samples in every epoch. Default: true, but false for a stateful model, where row i of a batch
   * continues row i of the one before: there `true` is refused and `'force'` shuffles all the same.
   */
  shuffle?: boolean | 'force';
  /** Samples and targets to test on after every epoch. `initialState` does not apply to them: it is that of x. */
  validationData?: ValidationData;
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
   * not (truncated back-propagation through time). For stateful models with an output for every step.
   */
  truncate?: number;
}

/** A call of `fit` or `trainMany`, checked. */
export interface TrainingPlan {
  epochs: number;
  /** Whether each epoch takes the samples in a new order. */
  isShuffled: boolean;
  /** Which states validation continues. */
  validationStates: 'own' | 'carry';
  batchResets: BatchResets;
  training: CheckedData;
  validation?: CheckedData;
  /** How many steps an update has: all of the samples', or those of a window. */
  windowSteps: number;
  /** How many batches an epoch has. */
  batches: number;
  /** How many batches its validation has. */
  validationBatches: number;
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
  const { epochs = 1, validationStates = 'own', validationData, validationLengths } = options;
  const plan = {
    epochs: positiveInteger(where, 'epochs', epochs),
    isShuffled: checkShuffle(where, options.shuffle, network.slots !== undefined),
    validationStates: oneOf(where, 'validationStates', validationStates, ['own', 'carry']),
  };
  const checked = checkData(model, where, x, y, options.batchSize, options);
  assertFits(where, network, checked.rows);
  const validation = checkValidation(model, where, validationData, checked.batchSize, validationLengths);
  if (validation) assertFits(where, network, validation.rows);
  const windowSteps = checkTruncate(where, network, options.truncate, checked.steps, options.initialState);
  const { batchResets, data } = checkResetPolicy(where, network, options.resetStates, checked);
  return {
    ...plan,
    batchResets,
    training: data,
    validation,
    windowSteps,
    batches: batchesOf(data),
    validationBatches: validation ? batchesOf(validation) : 0,
  };
}

function batchesOf({ count, rows }: CheckedData): number {
  return Math.ceil(count / rows);
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
