import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, optionalNonNegatives, positiveInteger, show } from '../../../runtime/options.ts';
import type { LearningRateSchedule } from './learning-rate-schedules.ts';

/** Options that all optimizers share. Their order in an update: accumulate gradients, clip, decay weights, step. */
export interface StepOptions {
  /** A number, or a function of the update's number, counted from 0, e.g. `exponentialDecay({ … })`. */
  readonly learningRate: number | LearningRateSchedule;
  /** Shrinks every weight by this fraction, times the learning rate, before each step. Default: off. */
  readonly weightDecay?: number;
  /** Scales the gradient of each weight of `getWeights` down to at most this norm. Default: off. */
  readonly clipnorm?: number;
  /** Clamps each element of the gradient between minus this and this. Default: off. */
  readonly clipvalue?: number;
  /** Scales the gradient of all weights together down to at most this norm. Default: off. */
  readonly globalClipnorm?: number;
  /** Steps once every so many updates, at least 2, on the mean of their gradients. Default: off. */
  readonly gradientAccumulationSteps?: number;
}

const CLIPS = ['clipnorm', 'clipvalue', 'globalClipnorm'] as const;
const NAMES = ['learningRate', 'weightDecay', ...CLIPS, 'gradientAccumulationSteps'];

/**
 * Checks the options that all optimizers share, and fills in defaults.
 *
 * @param own the optimizer's further options
 * @throws ValueError if an option has a wrong value or is not known, or if two ways of clipping are given
 */
export function stepOptions(
  where: string,
  options: Partial<StepOptions>,
  defaults: Pick<StepOptions, 'learningRate' | 'weightDecay'>,
  own: readonly string[],
): StepOptions {
  knownOptions(where, options, [...NAMES, ...own]);
  const { learningRate = defaults.learningRate, weightDecay = defaults.weightDecay } = options;
  const { clipnorm, clipvalue, globalClipnorm, gradientAccumulationSteps } = options;
  if (typeof learningRate !== 'function') optionalNonNegatives(where, { learningRate });
  optionalNonNegatives(where, { weightDecay, clipnorm, clipvalue, globalClipnorm });
  const clips = CLIPS.filter((name) => options[name] !== undefined);
  if (clips.length > 1) {
    throw new ValueError(`${where}: only one of ${CLIPS.join(', ')} can be set, but ${clips.join(' and ')} are.`);
  }
  if (gradientAccumulationSteps !== undefined) {
    const steps = positiveInteger(where, 'gradientAccumulationSteps', gradientAccumulationSteps);
    if (steps < 2) {
      throw new ValueError(
        `${where}: gradientAccumulationSteps is 1, expected at least 2. Leave it out to step in every update.`,
      );
    }
  }
  return { learningRate, weightDecay, clipnorm, clipvalue, globalClipnorm, gradientAccumulationSteps };
}

/** @throws ValueError unless each value is from 0 to below 1 */
export function fraction(where: string, values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(value >= 0 && value < 1)) {
      throw new ValueError(`${where}: ${name} is ${show(value)}, expected a number from 0 to below 1.`);
    }
  }
}
