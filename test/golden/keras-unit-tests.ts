import { biasSize, type CellName, type RecurrentSpec } from '../reference/cells.ts';
import file from './external_keras_unit_tests.json';

/** Numbers that stand in Keras' own unit tests. */
export interface KerasUnitTest {
  source: string;
  test: string;
  layer: 'LSTM' | 'GRU' | 'SimpleRNN';
  config: {
    units: number;
    /** Ways to compute the same. */
    implementation?: number;
    unroll?: boolean;
    stateful?: boolean;
    use_bias?: boolean;
    unit_forget_bias?: boolean;
    go_backwards?: boolean;
    reset_after?: boolean;
    return_sequences?: boolean;
    zero_output_for_mask?: boolean;
  };
  /** 0, 1, 2, … in this shape, [B, T, I]. */
  input: { shape: [number, number, number] };
  /** [B, T] */
  mask: boolean[][] | null;
  /** 0, 1, 2, … for each state. */
  initial_state: { shape: [number, number] }[] | null;
  /** How often the layer is called; `expected` is its last output, [B, H] or [B, T, H]. */
  calls: number;
  expected: number[][] | number[][][];
  tolerance: number;
}

/** Every case. */
export const kerasRecurrentUnitTests = file.cases as unknown as readonly KerasUnitTest[];

/** The cases of an LSTM with neither mask nor a state or direction given. */
export const kerasUnitTests = kerasRecurrentUnitTests.filter(
  (recorded): recorded is KerasUnitTest & { expected: number[][] } => {
    const { layer, mask, initial_state, config } = recorded;
    return layer === 'LSTM' && !mask && !initial_state && !config.go_backwards;
  },
);

const CELLS: Record<KerasUnitTest['layer'], CellName> = { LSTM: 'lstm', GRU: 'gru', SimpleRNN: 'simpleRnn' };

/** The layer of a case. */
export function unitTestSpec({ layer, config }: KerasUnitTest): RecurrentSpec {
  return {
    cell: CELLS[layer],
    ...(config.reset_after !== undefined && { resetAfter: config.reset_after }),
    goBackwards: config.go_backwards ?? false,
    zeroOutputForMask: config.zero_output_for_mask ?? false,
  };
}

/** The constant weights of those tests: kernel 0.01, recurrent kernel 0.02, bias 0.03, and 1 for the forget gate. */
export function constantWeights(recorded: KerasUnitTest) {
  const { units, use_bias = true, unit_forget_bias = true } = recorded.config;
  const spec = unitTestSpec(recorded);
  const gates = { lstm: 4, gru: 3, simpleRnn: 1 }[spec.cell];
  const bias = Array<number>(biasSize(spec, units)).fill(use_bias ? 0.03 : 0);
  const forgets = spec.cell === 'lstm' && use_bias && unit_forget_bias;
  return {
    kernel: Array<number>(recorded.input.shape[2] * gates * units).fill(0.01),
    recurrentKernel: Array<number>(units * gates * units).fill(0.02),
    bias: forgets ? bias.fill(1, units, 2 * units) : bias,
  };
}

/** The input of the test. */
export function arange({ input }: Pick<KerasUnitTest, 'input'>): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: input.shape.reduce((product, length) => product * length, 1) },
    (_, index) => index,
  );
}
