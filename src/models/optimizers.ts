import {
  adam as adamRule,
  adamw as adamwRule,
  rmsprop as rmspropRule,
  sgd as sgdRule,
  type AdamOptions,
  type Optimizer,
  type RmspropOptions,
  type SgdOptions,
} from './network/optimizer/rules.ts';
import { withTraining } from './training/training-code.ts';

/**
 * Gradient descent; learning rate 0.01.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/optimizers/sgd.py
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  return withTraining(sgdRule(options));
}

/**
 * Steps divided by a running root mean square of the gradient; learning rate 0.001.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/optimizers/rmsprop.py
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  return withTraining(rmspropRule(options));
}

/**
 * Adam with Keras 3's defaults; learning rate 0.001.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see Kingma & Ba 2015; keras/src/optimizers/adam.py
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return withTraining(adamRule(options));
}

/**
 * Adam with decoupled weight decay of 0.004; learning rate 0.001.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see Loshchilov & Hutter 2019; keras/src/optimizers/adamw.py
 */
export function adamw(options: AdamOptions = {}): Optimizer {
  return withTraining(adamwRule(options));
}
