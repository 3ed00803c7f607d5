import type { FrameBinding, Plan } from '../../../runtime/plan.ts';
import { optionalNonNegatives, trueOrFalse } from '../../../runtime/options.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { adamStep } from '../../../shaders/optimizers/adam.ts';
import { rmspropStep } from '../../../shaders/optimizers/rmsprop.ts';
import { sgdStep } from '../../../shaders/optimizers/sgd.ts';
import { fraction, stepOptions, type StepOptions } from './step-options.ts';

/** The constants of a plain Adam step: without clipping, weight decay, accumulation or AMSGrad. */
export interface AdamConstants {
  ONE_MINUS_BETA1: number;
  ONE_MINUS_BETA2: number;
  EPSILON: number;
}

/** An optimizer, which turns the gradient of a model's weights into a step. */
export interface Optimizer extends StepOptions {
  readonly name: string;
  /** The options of its own, with defaults filled in; those that all optimizers share stand beside them. */
  readonly options: Readonly<Record<string, number | boolean>>;
  /** The numbers that the optimizer stores for each weight, by Keras' names for them. @internal */
  readonly moments: readonly string[];
  /** The constants of the step if it is plain Adam, the only optimizer of the resident schedule. @internal */
  readonly adam?: AdamConstants;
  /** The factor of step `step`, counted from 1: the learning rate, and in Adam its bias correction, in float64. @internal */
  stepSize(step: number, learningRate: number): number;
  /** @internal */
  record(plan: Plan, update: FrameBinding, parameters: Tensor, gradient: Tensor, moments: Tensor): void;
}

export interface SgdOptions extends Partial<StepOptions> {
  /** Default: 0. */
  momentum?: number;
  /** Nesterov momentum. Default: false. */
  nesterov?: boolean;
}

export interface RmspropOptions extends Partial<StepOptions> {
  /** The decay rate of the running mean of squared gradients. Default: 0.9. */
  rho?: number;
  /** Default: 0. */
  momentum?: number;
  /** Added to the mean of squared gradients, inside the root. Default: 1e-7. */
  epsilon?: number;
  /** Divide by the standard deviation of the gradient instead of its root mean square. Default: false. */
  centered?: boolean;
}

export interface AdamOptions extends Partial<StepOptions> {
  /** Default: 0.9. */
  beta1?: number;
  /** Default: 0.999. */
  beta2?: number;
  /** Added to the root of the second moment, outside the bias correction. Default: 1e-7; Keras 1 had 1e-8. */
  epsilon?: number;
  /** Divide by the largest second moment so far. Default: false. */
  amsgrad?: boolean;
}

/** The rule of `sgd` in `models/optimizers.ts`. */
export function sgd(options: SgdOptions = {}): Optimizer {
  const common = stepOptions('sgd', options, { learningRate: 0.01 }, ['momentum', 'nesterov']);
  const { momentum = 0, nesterov = false } = options;
  fraction('sgd', { momentum });
  trueOrFalse('sgd', 'nesterov', nesterov);
  return {
    name: 'sgd',
    ...common,
    options: { momentum, nesterov },
    moments: ['momentum'],
    stepSize: (_step, learningRate) => learningRate,
    record(plan, update, parameters, gradient, moments) {
      const constants = { ELEMENTS: parameters.size, MOMENTUM: momentum, NESTEROV: nesterov ? 1 : 0 };
      plan.add(sgdStep, { update, gradient, parameters, moments }, constants);
    },
  };
}

/** The rule of `rmsprop` in `models/optimizers.ts`. */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const own = ['rho', 'momentum', 'epsilon', 'centered'];
  const common = stepOptions('rmsprop', options, { learningRate: 0.001 }, own);
  const { rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false } = options;
  fraction('rmsprop', { rho, momentum });
  optionalNonNegatives('rmsprop', { epsilon });
  trueOrFalse('rmsprop', 'centered', centered);
  const constants = { ONE_MINUS_RHO: 1 - rho, MOMENTUM: momentum, EPSILON: epsilon, CENTERED: centered ? 1 : 0 };
  return {
    name: 'rmsprop',
    ...common,
    options: { rho, momentum, epsilon, centered },
    moments: ['velocity', 'momentum', ...(centered ? ['averageGradient'] : [])],
    stepSize: (_step, learningRate) => learningRate,
    record(plan, update, parameters, gradient, moments) {
      plan.add(rmspropStep, { update, gradient, parameters, moments }, { ELEMENTS: parameters.size, ...constants });
    },
  };
}

/** The rule of `adam` in `models/optimizers.ts`. */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamWith('adam', options, {});
}

/** The rule of `adamw` in `models/optimizers.ts`. */
export function adamw(options: AdamOptions = {}): Optimizer {
  return adamWith('adamw', options, { weightDecay: 0.004 });
}

function adamWith(name: string, options: AdamOptions, defaults: Partial<StepOptions>): Optimizer {
  const own = ['beta1', 'beta2', 'epsilon', 'amsgrad'];
  const common = stepOptions(name, options, { learningRate: 0.001, ...defaults }, own);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, amsgrad = false } = options;
  fraction(name, { beta1, beta2 });
  optionalNonNegatives(name, { epsilon });
  trueOrFalse(name, 'amsgrad', amsgrad);
  const constants = { ONE_MINUS_BETA1: 1 - beta1, ONE_MINUS_BETA2: 1 - beta2, EPSILON: epsilon };
  const { clipnorm, clipvalue, globalClipnorm, weightDecay, gradientAccumulationSteps } = common;
  const hasMoreThanStep = [clipnorm, clipvalue, globalClipnorm, weightDecay, gradientAccumulationSteps].some(
    (option) => option !== undefined,
  );
  return {
    name,
    ...common,
    options: { beta1, beta2, epsilon, amsgrad },
    moments: ['momentum', 'velocity', ...(amsgrad ? ['velocityHat'] : [])],
    adam: hasMoreThanStep || amsgrad ? undefined : constants,
    stepSize: (step, learningRate) => (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step),
    record(plan, update, parameters, gradient, moments) {
      const all = { ELEMENTS: parameters.size, ...constants, AMSGRAD: amsgrad ? 1 : 0 };
      plan.add(adamStep, { update, gradient, parameters, moments }, all);
    },
  };
}
