import file from './keras_optimizers.json';
import type { GoldenTensor } from './tensor.ts';

export interface KerasOptimizer {
  optimizer: string;
  /** An option an optimizer does not have is absent, one that is off is null or false. */
  config: {
    learning_rate: number;
    momentum?: number;
    nesterov?: boolean;
    rho?: number;
    centered?: boolean;
    beta_1?: number;
    beta_2?: number;
    amsgrad?: boolean;
    epsilon?: number;
    weight_decay: number | null;
    clipnorm: number | null;
    clipvalue: number | null;
    global_clipnorm: number | null;
    gradient_accumulation_steps: number | null;
  };
  /** Two variables after each of ten steps. */
  after_each_step: GoldenTensor[][];
}

/** Left out, since they are not built: three more rules, and the moving average of weights. */
const NOT_BUILT = ['Adagrad', 'Adamax', 'Nadam', 'Adam_ema'];

/** The variables before the first step. */
export const initialVariables: readonly GoldenTensor[] = file.initial;

/** Their gradients in each of ten steps. */
export const gradientsOfSteps: readonly (readonly GoldenTensor[])[] = file.gradients;

export const kerasOptimizers: readonly KerasOptimizer[] = (file.cases as unknown as KerasOptimizer[]).filter(
  ({ optimizer }) => !NOT_BUILT.includes(optimizer),
);

/** The options of a recorded optimizer under the names of this project; what is off is left out. */
export function optionsOf({ config }: KerasOptimizer) {
  const given = <T>(value: T | null | undefined) => (value === null || value === false ? undefined : value);
  const options = {
    learningRate: config.learning_rate,
    momentum: given(config.momentum),
    nesterov: given(config.nesterov),
    rho: given(config.rho),
    centered: given(config.centered),
    beta1: given(config.beta_1),
    beta2: given(config.beta_2),
    amsgrad: given(config.amsgrad),
    epsilon: given(config.epsilon),
    weightDecay: given(config.weight_decay),
    clipnorm: given(config.clipnorm),
    clipvalue: given(config.clipvalue),
    globalClipnorm: given(config.global_clipnorm),
    gradientAccumulationSteps: given(config.gradient_accumulation_steps),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<
    typeof options
  >;
}
