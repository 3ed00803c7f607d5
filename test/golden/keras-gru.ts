import file from './gru_conversion.json';
import type { GoldenTensor } from './tensor.ts';

const { kernel, recurrent_kernel, bias_reset_after, bias_reset_before } = file.keras;

/** A GRU with the reset gate after the recurrent product and before it, in Keras' layout; all steps are its output. */
export const kerasGrus = [
  { resetAfter: true, bias: bias_reset_after, output: file.y_reset_after_true },
  { resetAfter: false, bias: bias_reset_before, output: file.y_reset_after_false },
].map(({ resetAfter, bias, output }) => ({
  resetAfter,
  weights: [kernel, recurrent_kernel, bias].map(({ data }) => data),
  /** [B, T, I] */
  x: file.x as GoldenTensor,
  /** [B, T, H] */
  output: output as GoldenTensor,
}));
