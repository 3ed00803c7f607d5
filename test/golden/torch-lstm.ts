import { transpose, type Numbers } from '../reference/arrays.ts';
import type { GoldenTensor } from './tensor.ts';

/** A run of torch.nn.LSTM: forward, all gradients of loss_definition, and ten steps with each optimizer. */
export interface TorchLstm {
  name: string;
  config: {
    input_size: number;
    hidden_size: number;
    batch: number;
    time: number;
    num_layers: number;
    /** How many steps of each packed sequence count. */
    lengths: number[] | null;
    /** Windows of steps between which states were carried and gradients were not. */
    tbptt_chunks: number[] | null;
  };
  params: Record<string, GoldenTensor>;
  /** [B, T, I] */
  x: GoldenTensor;
  /** [layers, B, H] */
  h0: GoldenTensor;
  c0: GoldenTensor;
  loss_weights: Record<'R_out' | 'R_h' | 'R_c', GoldenTensor>;
  expected: Record<'out' | 'hn' | 'cn' | 'grad_x' | 'grad_h0' | 'grad_c0', GoldenTensor> & {
    loss: number;
    grads: Record<string, GoldenTensor>;
  };
  /** A linear layer on the last step, whose mean squared distance to y is trained in `optim`. */
  head: { weight: GoldenTensor; bias: GoldenTensor };
  y: GoldenTensor;
  optim: Record<string, { hyper: TorchHyper; losses: number[]; final: Record<string, GoldenTensor> }>;
}

export interface TorchHyper {
  lr: number;
  betas?: [number, number];
  eps?: number;
  momentum?: number;
  nesterov?: boolean;
  weight_decay?: number;
  /** Keras' rho. */
  alpha?: number;
}

const files = import.meta.glob<TorchLstm>('./torch_lstm_*.json', { eager: true, import: 'default' });

const runs = Object.values(files);

/** Whole sequences, with gradients through all of their steps. */
export const torchLstms = runs.filter(({ config }) => !config.lengths && !config.tbptt_chunks);

/** Sequences of many lengths. */
export const torchPacked = runs.filter(({ config }) => config.lengths);

/** Sequences in windows. */
export const torchTruncated = runs.filter(({ config }) => config.tbptt_chunks);

/**
 * The weights of layer `layer` as Keras lays them out: PyTorch's matrices transposed (its gates i, f, g, o are Keras' i,
 * f, c, o), its two biases added up.
 */
export function kerasWeights(params: Record<string, GoldenTensor>, layer: number) {
  const inputBias = params[`bias_ih_l${layer}`].data;
  return {
    kernel: transposed(params[`weight_ih_l${layer}`]),
    recurrentKernel: transposed(params[`weight_hh_l${layer}`]),
    bias: params[`bias_hh_l${layer}`].data.map((value, index) => value + inputBias[index]),
  };
}

/**
 * The same for a model that is to be trained: PyTorch trains both biases, Keras has one. The other becomes the kernel's
 * row of one more feature which is always 1, see `withOnes`.
 *
 * @returns kernel [I + 1, 4H], recurrent kernel, bias, and the head's kernel and bias
 */
export function trainableWeights(params: Record<string, GoldenTensor>, head: TorchLstm['head']): Numbers[] {
  return [
    [...transposed(params.weight_ih_l0), ...params.bias_ih_l0.data],
    transposed(params.weight_hh_l0),
    params.bias_hh_l0.data,
    transposed(head.weight),
    head.bias.data,
  ];
}

/** The head's weights among those after training. */
export function finalHead(final: Record<string, GoldenTensor>): TorchLstm['head'] {
  return { weight: final['head.weight'], bias: final['head.bias'] };
}

/** x with a feature that is always 1 behind the others, [B, T, I + 1]. */
export function withOnes({ shape, data }: GoldenTensor): Float32Array<ArrayBuffer> {
  const features = shape[2] + 1;
  return Float32Array.from({ length: shape[0] * shape[1] * features }, (_, index) => {
    const feature = index % features;
    return feature === features - 1 ? 1 : data[Math.floor(index / features) * shape[2] + feature];
  });
}

function transposed({ shape, data }: GoldenTensor): Float64Array {
  return transpose(data, [shape[0], shape[1]]);
}
