import file from './external_keras_unit_tests.json';

/** Numbers that stand in Keras' own unit tests. */
export interface KerasUnitTest {
  source: string;
  test: string;
  layer: string;
  config: {
    units: number;
    implementation?: number;
    unroll?: boolean;
    stateful?: boolean;
    use_bias?: boolean;
    unit_forget_bias?: boolean;
    go_backwards?: boolean;
  };
  /** 0, 1, 2, … in this shape, [B, T, I]. */
  input: { shape: [number, number, number] };
  mask: unknown;
  initial_state: unknown;
  /** How often the layer is called; `expected` is its last output, [B, H]. */
  calls: number;
  expected: number[][];
  tolerance: number;
}

const cases = file.cases as unknown as KerasUnitTest[];

/**
 * Left out: GRU and SimpleRNN, masks, go_backwards and initial states given by the caller, none of them built yet.
 * `implementation` and `unroll` are ways to compute the same.
 */
export const kerasUnitTests: readonly KerasUnitTest[] = cases.filter(
  ({ layer, mask, initial_state, config }) => layer === 'LSTM' && !mask && !initial_state && !config.go_backwards,
);

/** The constant weights of those tests: kernel 0.01, recurrent kernel 0.02, bias 0.03, and 1 for the forget gate. */
export function constantWeights({ config, input }: KerasUnitTest) {
  const { units, use_bias = true, unit_forget_bias = true } = config;
  const bias = Array<number>(4 * units).fill(use_bias ? 0.03 : 0);
  return {
    kernel: Array<number>(input.shape[2] * 4 * units).fill(0.01),
    recurrentKernel: Array<number>(units * 4 * units).fill(0.02),
    bias: use_bias && unit_forget_bias ? bias.fill(1, units, 2 * units) : bias,
  };
}

/** The input of the test. */
export function arange({ input }: KerasUnitTest): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: input.shape[0] * input.shape[1] * input.shape[2] }, (_, index) => index);
}
