import file from './keras_rnn_forward_grads.json';
import type { GoldenTensor } from './tensor.ts';

/** One recurrent layer of Keras: outputs, states and the gradients of sum_i sum(output_i * R_i). */
export interface KerasForward {
  name: string;
  layer: string;
  config: {
    units: number;
    batch: number;
    time: number;
    input_dim: number;
    return_sequences: boolean;
    use_bias?: boolean;
    [option: string]: unknown;
  };
  weights: Record<'kernel' | 'recurrent_kernel', GoldenTensor> & { bias?: GoldenTensor };
  /** [B, T, I] */
  x: GoldenTensor;
  mask: unknown;
  /** h and c, [B, H] each. */
  initial_state: GoldenTensor[] | null;
  /** What the output, h and c are weighted with in the loss. */
  R: GoldenTensor[];
  expected: {
    output: GoldenTensor;
    states: GoldenTensor[];
    grads: KerasForward['weights'];
    grad_x: GoldenTensor;
    grad_initial_state: GoldenTensor[];
  };
}

/** Options of a layer that this project has; cases with another one are for features not built yet. */
const BUILT = ['units', 'batch', 'time', 'input_dim', 'return_sequences', 'use_bias'];

const cases = file.cases as unknown as KerasForward[];

/** Left out: GRU and SimpleRNN, masks, go_backwards, zero_output_for_mask and other activations, none of them built yet. */
export const kerasForwards: readonly KerasForward[] = cases.filter(
  ({ layer, mask, config }) =>
    layer === 'LSTM' && mask === null && Object.keys(config).every((key) => BUILT.includes(key)),
);

/** A layer without bias is one whose bias is zero. */
export function weightsOf({ weights, config }: KerasForward) {
  return {
    kernel: weights.kernel.data,
    recurrentKernel: weights.recurrent_kernel.data,
    bias: weights.bias?.data ?? Array<number>(4 * config.units).fill(0),
  };
}
