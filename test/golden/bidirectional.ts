import unitTests from './bidirectional/external_keras_unit_tests_bidir_stacked.json';
import file from './bidirectional/keras_bidirectional_lstm.json';
import type { GoldenTensor } from './tensor.ts';
import type { TorchLstm } from './torch-lstm.ts';

/** Bidirectional(LSTM) of Keras, with and without a mask. */
export interface KerasBidirectional {
  /** null: both outputs beside each other, not merged. */
  merge_mode: 'concat' | 'sum' | 'mul' | 'ave' | null;
  return_sequences: boolean;
  /** Kernel, recurrent kernel and bias, forward and then backward. */
  weights: GoldenTensor[];
  /** [B, T, I] */
  x: GoldenTensor;
  /** [B, T] */
  mask: { shape: number[]; data: boolean[] };
  /** The merged output, or the two that are not merged, and then h and c, forward and backward. */
  outputs: GoldenTensor[];
  outputs_masked: GoldenTensor[];
}

export const kerasBidirectionals = file.cases as unknown as readonly KerasBidirectional[];

/** Numbers in Keras' own unit tests: an LSTM of two cells with constant weights, on 0, 1, 2, … in shape [2, 4, 3]. */
export const [statefulness, passedState, returnedState, stackedMask] = unitTests.cases;

const torchFiles = import.meta.glob<TorchLstm>('./bidirectional/torch_lstm_*.json', {
  eager: true,
  import: 'default',
});

export const torchBidirectionals: readonly TorchLstm[] = Object.values(torchFiles);

/** The parameters of the backward direction under the names of the forward one. */
export function ofBackward(params: Record<string, GoldenTensor>): Record<string, GoldenTensor> {
  const suffix = '_reverse';
  const backward = Object.entries(params).filter(([name]) => name.endsWith(suffix));
  return Object.fromEntries(backward.map(([name, value]) => [name.slice(0, -suffix.length), value]));
}

/** What padding holds in inputs; no recorded input does. */
export const PADDING = 77;

/** x [B, T, I] with padding wherever `mask` [B, T] is false. */
export function padded({ shape, data }: GoldenTensor, mask: readonly boolean[]) {
  const values = data.map((value, index) => (mask[Math.floor(index / shape[2])] ? value : PADDING));
  return { data: Float32Array.from(values), shape };
}
