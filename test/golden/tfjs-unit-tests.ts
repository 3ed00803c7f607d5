import file from './external_tfjs_unit_tests.json';

type Sequences = readonly (readonly number[])[];

/** What TensorFlow.js' own unit tests of the LSTM expect, by test; sequences of words are [B, T], 0 is padding. */
interface TfjsUnitTests {
  'LSTM Tensor golden': { expected: Record<'output_t0' | 'output_t1' | 'h' | 'c', number> };
  /** After one call and after two. */
  'stateful forward': { keras_full_precision: readonly [number, number] };
  'stateful BPTT': { keras_full_precision: readonly [loss: number] };
  BPTT: { expected: { kernel_each_row: readonly number[]; recurrent_kernel: readonly number[]; dense_kernel: number } };
  'With mask': { xs: Sequences; expected: readonly number[] };
  'With mask, returnStates': { expected: Record<'output=h' | 'c', readonly number[]> };
  'With mask, returnSequences': { xs: Sequences; expected: Sequences };
  'With mask, goBackwards': { xs: Sequences; expected: readonly number[] };
  /** The losses of the third and the fourth epoch. */
  'BPTT with mask': { expected: readonly number[] };
  'Stacked RNNs with masking': { xs: Sequences; expected_each_unit: readonly number[] };
}

export const tfjsUnitTests = Object.fromEntries(
  file.cases.map((recorded) => [recorded.test, recorded]),
) as unknown as TfjsUnitTests;
