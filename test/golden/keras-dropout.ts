import file from './keras_lstm_dropout_fixed_masks.json';
import type { GoldenTensor } from './tensor.ts';

/** An LSTM of Keras with dropout, its masks recorded; all steps are its output. */
export interface KerasDropout {
  name: string;
  /** kernel, recurrent kernel, bias */
  weights: GoldenTensor[];
  /** [B, T, I] */
  x: GoldenTensor;
  /** [B, I] each: one for all gates, or one a gate. */
  input_masks: GoldenTensor[] | null;
  /** [B, H] each, one a gate. */
  recurrent_masks: GoldenTensor[] | null;
  /** [B, T, H] */
  output: GoldenTensor;
}

export const kerasDropouts = file.cases as unknown as readonly KerasDropout[];

/** The sizes of a case, its weights, and the masks gate by gate. */
export function setUp({ weights, x, output, input_masks, recurrent_masks }: KerasDropout) {
  const [batch, steps, features] = x.shape;
  const [kernel, recurrentKernel, bias] = weights.map(({ data }) => data);
  const ofGates = (masks: GoldenTensor[] | null) =>
    masks ? Array.from({ length: 4 }, (_, gate) => masks[gate % masks.length].data) : undefined;
  return {
    shape: { batch, steps, features, units: output.shape[2] },
    weights: { kernel, recurrentKernel, bias },
    dropped: { input: ofGates(input_masks), state: ofGates(recurrent_masks) },
  };
}
