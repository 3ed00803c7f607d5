import { ValueError } from '../../runtime/errors.ts';
import type { FrameBinding, Plan } from '../../runtime/plan.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { adamStep } from '../../shaders/adam.ts';
import { sgdStep } from '../../shaders/sgd.ts';
import { knownOptions } from '../layers/options.ts';

/** A rule that turns a gradient into a step, recorded over the flat parameters of a model. */
export interface Optimizer {
  readonly name: string;
  /** The largest norm the gradient of all weights together may have; `undefined` for any. */
  readonly globalClipnorm?: number;
  /** How many numbers it keeps for each weight. @internal */
  readonly moments: number;
  /** Constants of an Adam step that is not followed by anything else. @internal */
  readonly adam?: { ONE_MINUS_BETA1: number; ONE_MINUS_BETA2: number; EPSILON: number };
  readonly learningRate: number;
  /** The length of step `iteration`, counted from 1, in float64. @internal */
  stepSize(iteration: number): number;
  /** @internal */
  record(plan: Plan, update: FrameBinding, parameters: Tensor, gradient: Tensor, moments: readonly Tensor[]): void;
}

interface CommonOptions {
  learningRate?: number;
  /** Shortens the gradient of all weights together to this norm. Default: off. */
  globalClipnorm?: number;
}

export interface AdamOptions extends CommonOptions {
  /** Default: 0.9. */
  beta1?: number;
  /** Default: 0.999. */
  beta2?: number;
  /** Added to the root of the second moment, outside the bias correction. Default: 1e-7; Keras 1 had 1e-8. */
  epsilon?: number;
}

export interface SgdOptions extends CommonOptions {
  /** Default: 0. */
  momentum?: number;
  /** Nesterov's look ahead. Default: false. */
  nesterov?: boolean;
}

/**
 * Adam with Keras 3's defaults; learning rate 0.001.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see Kingma & Ba 2015; keras/src/optimizers/adam.py
 */
export function adam(options: AdamOptions = {}): Optimizer {
  knownOptions('adam', options, ['learningRate', 'beta1', 'beta2', 'epsilon', 'globalClipnorm']);
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, globalClipnorm } = options;
  atLeastZero('adam', { learningRate, epsilon, globalClipnorm });
  fraction('adam', { beta1, beta2 });
  const constants = { ONE_MINUS_BETA1: 1 - beta1, ONE_MINUS_BETA2: 1 - beta2, EPSILON: epsilon };
  return {
    name: 'adam',
    learningRate,
    globalClipnorm,
    moments: 2,
    adam: globalClipnorm === undefined ? constants : undefined,
    stepSize: (iteration) => (learningRate * Math.sqrt(1 - beta2 ** iteration)) / (1 - beta1 ** iteration),
    record(plan, update, parameters, gradient, [m, v]) {
      plan.add(adamStep, { update, gradient, parameters, m, v }, { ELEMENTS: parameters.size, ...constants });
    },
  };
}

/**
 * Gradient descent; learning rate 0.01.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/optimizers/sgd.py
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  knownOptions('sgd', options, ['learningRate', 'momentum', 'nesterov', 'globalClipnorm']);
  const { learningRate = 0.01, momentum = 0, nesterov = false, globalClipnorm } = options;
  atLeastZero('sgd', { learningRate, globalClipnorm });
  fraction('sgd', { momentum });
  return {
    name: 'sgd',
    learningRate,
    globalClipnorm,
    moments: 1,
    stepSize: () => learningRate,
    record(plan, update, parameters, gradient, [velocity]) {
      const constants = { ELEMENTS: parameters.size, MOMENTUM: momentum, NESTEROV: nesterov ? 1 : 0 };
      plan.add(sgdStep, { update, gradient, parameters, velocity }, constants);
    },
  };
}

function atLeastZero(where: string, values: Record<string, number | undefined>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      throw new ValueError(`${where}: ${name} is ${value}, expected a finite number of at least 0.`);
    }
  }
}

function fraction(where: string, values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(value >= 0 && value < 1)) {
      throw new ValueError(`${where}: ${name} is ${value}, expected a number from 0 to below 1.`);
    }
  }
}
