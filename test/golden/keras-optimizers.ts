import file from './keras_optimizers.json';
import type { GoldenTensor } from './tensor.ts';

export interface KerasOptimizer {
  optimizer: string;
  config: {
    learning_rate: number;
    momentum: number;
    nesterov: boolean;
    beta_1: number;
    beta_2: number;
    epsilon: number;
    global_clipnorm: number | null;
  };
  /** Two variables after each of ten steps. */
  after_each_step: GoldenTensor[][];
}

/** Left out: optimizers and options that are not built yet (RMSprop, amsgrad, weight decay, clipping each variable …). */
const BUILT = ['SGD', 'SGD_momentum', 'SGD_nesterov', 'Adam', 'Adam_lr0.1', 'Adam_eps1e-8', 'SGD_global_clipnorm'];

/** The variables before the first step. */
export const initialVariables: readonly GoldenTensor[] = file.initial;

/** Their gradients in each of ten steps. */
export const gradientsOfSteps: readonly (readonly GoldenTensor[])[] = file.gradients;

export const kerasOptimizers: readonly KerasOptimizer[] = (file.cases as unknown as KerasOptimizer[]).filter(
  ({ optimizer }) => BUILT.includes(optimizer),
);
