import type { ActivationName } from '../reference/activations.ts';
import { biasSize, type CellName, type RecurrentSpec } from '../reference/cells.ts';
import file from './keras_rnn_forward_grads.json';
import type { GoldenTensor } from './tensor.ts';

/** One recurrent layer of Keras: outputs, states and the gradients of sum_i sum(output_i * R_i). */
export interface KerasForward {
  name: string;
  layer: 'LSTM' | 'GRU' | 'SimpleRNN';
  config: {
    units: number;
    batch: number;
    time: number;
    input_dim: number;
    return_sequences: boolean;
    use_bias?: boolean;
    activation?: string | null;
    recurrent_activation?: string;
    reset_after?: boolean;
    go_backwards?: boolean;
    zero_output_for_mask?: boolean;
  };
  weights: Record<'kernel' | 'recurrent_kernel', GoldenTensor> & { bias?: GoldenTensor };
  /** [B, T, I] */
  x: GoldenTensor;
  /** [B, T] */
  mask: { data: (boolean | number)[] } | null;
  /** The states, [B, H] each. */
  initial_state: GoldenTensor[] | null;
  /** What the output and the states are weighted with in the loss. */
  R: GoldenTensor[];
  expected: {
    output: GoldenTensor;
    states: GoldenTensor[];
    grads: KerasForward['weights'];
    grad_x: GoldenTensor;
    grad_initial_state: GoldenTensor[];
  };
}

/** Every case. */
export const kerasRecurrents = file.cases as unknown as readonly KerasForward[];

/** Options of a plain LSTM. */
const PLAIN = ['units', 'batch', 'time', 'input_dim', 'return_sequences', 'use_bias'];

/** The cases of an LSTM with neither mask nor other options. */
export const kerasForwards: readonly KerasForward[] = kerasRecurrents.filter(
  ({ layer, mask, config }) =>
    layer === 'LSTM' && mask === null && Object.keys(config).every((key) => PLAIN.includes(key)),
);

const CELLS: Record<KerasForward['layer'], CellName> = { LSTM: 'lstm', GRU: 'gru', SimpleRNN: 'simpleRnn' };
const ACTIVATIONS: Record<string, ActivationName> = { hard_sigmoid: 'hardSigmoid', relu: 'relu', sigmoid: 'sigmoid' };

/** The layer of a case; an activation that is null is none. */
export function specOf({ layer, config }: Pick<KerasForward, 'layer' | 'config'>): RecurrentSpec {
  const { activation, recurrent_activation, reset_after, go_backwards, zero_output_for_mask } = config;
  const named = (name: string) => ACTIVATIONS[name];
  return {
    cell: CELLS[layer],
    ...(activation !== undefined && { activation: activation === null ? 'linear' : named(activation) }),
    ...(recurrent_activation !== undefined && { recurrentActivation: named(recurrent_activation) }),
    ...(reset_after !== undefined && { resetAfter: reset_after }),
    ...(go_backwards !== undefined && { goBackwards: go_backwards }),
    ...(zero_output_for_mask !== undefined && { zeroOutputForMask: zero_output_for_mask }),
  };
}

/** A layer without bias is one whose bias is zero. */
export function weightsOf({ weights, ...recorded }: KerasForward) {
  return {
    kernel: weights.kernel.data,
    recurrentKernel: weights.recurrent_kernel.data,
    bias: weights.bias?.data ?? Array<number>(biasSize(specOf(recorded), recorded.config.units)).fill(0),
  };
}
