import type { SampleShape } from '../../../runtime/shape.ts';
import type { Constants, KernelContract } from '../../../runtime/kernel.ts';
import type { Variant } from '../../../runtime/plan.ts';
import { oneOf, trueOrFalse } from '../../../runtime/options.ts';
import { lstmForwardSplitK } from '../../../shaders/lstm/lstm-forward-split-k.ts';
import { lstmForward } from '../../../shaders/lstm/lstm-forward.ts';
import { ROW_QUAD, SPLIT_K_ROWS } from '../../../shaders/lstm/lstm-split-k.ts';
import { unrolledCells, type LSTM_TILE_UNITS } from '../../../shaders/lstm/lstm-tile.ts';
import { VECTOR_WORDS } from '../../../shaders/precision.ts';
import { weightCast } from '../../../shaders/recurrent/weight-cast.ts';
import { variantsOf } from '../../../shaders/variant.ts';
import { ones, type Initializer } from '../initializers.ts';
import { ACTIVATIONS, activationNumber, type Activation } from '../../operations/recurrence/activations.ts';
import type { Cell, Loop } from '../../operations/recurrence/cell.ts';
import type { LayerDefinition } from './layer.ts';
import { RecurrentLayer } from './recurrent-layer.ts';
import { checkRecurrent, type CheckedOptions, type RecurrentOptions } from './recurrent-options.ts';

export interface LstmOptions extends RecurrentOptions {
  /**
   * The function of the gates. Default: `'sigmoid'`, as in Keras since 2.3; `'hardSigmoidLegacy'` is the
   * clip(0.2 x + 0.5, 0, 1) of Keras 1 and 2 before.
   */
  recurrentActivation?: Activation;
  /** The bias of the forget gate begins as ones, whatever `biasInitializer` is. Default: true. */
  unitForgetBias?: boolean;
}

/**
 * Long short-term memory with Keras 3's defaults, on inputs [timesteps, features].
 *
 * Weights: kernel [features, 4 units], recurrentKernel [units, 4 units], bias [4 units]. Columns: gates i, f, c, o.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see Hochreiter & Schmidhuber 1997; Gers et al. 2000; keras/src/layers/rnn/lstm.py
 */
export function lstm(options: LstmOptions): LayerDefinition {
  const checked = checkRecurrent('lstm', options, ['recurrentActivation', 'unitForgetBias']);
  const { recurrentActivation = 'sigmoid', unitForgetBias = true } = options;
  const gate = oneOf('lstm', 'recurrentActivation', recurrentActivation, ACTIVATIONS);
  if (trueOrFalse('lstm', 'unitForgetBias', unitForgetBias)) {
    checked.initializers.bias = withForgetBias(checked.initializers.bias);
  }
  return {
    kind: 'lstm',
    name: options.name,
    options,
    build: (name, input) => new Lstm(name, input, checked, gate),
  };
}

/** Sets the bias of the forget gate, the second of four, to ones (Jozefowicz et al. 2015; Keras' unit_forget_bias). */
const withForgetBias = (initializer: Initializer): Initializer =>
  function* ([columns], random) {
    const units = columns / 4;
    const values = new Float32Array(columns);
    values.set(yield* initializer([units], random));
    values.set(yield* ones([units], random), units);
    values.set(yield* initializer([2 * units], random), 2 * units);
    return values;
  };

export class Lstm extends RecurrentLayer {
  constructor(
    name: string,
    input: SampleShape,
    options: CheckedOptions,
    readonly recurrentActivation: Activation,
  ) {
    super(name, input, options, lstmCell(activationNumber(recurrentActivation)));
  }
}

/** Every kernel that the forward pass of an LSTM may add besides products. */
export const LSTM_KERNELS = variantsOf(lstmForward, lstmForwardSplitK, weightCast);

/** The cell of an LSTM without its backward pass. */
export interface LstmCell extends Cell {
  /** The number of the gates' activation. */
  readonly recurrentActivation: number;
}

const lstmCell = (recurrentActivation: number): LstmCell => ({
  name: 'lstm',
  gates: 4,
  gateNames: 'ifco',
  isUnitByUnit: true,
  hasTiles: true,
  computesInputProduct: true,
  allowsSplitK: true,
  allowsPersistentWeights: true,
  biases: 1,
  states: ['h', 'c'],
  kernels: LSTM_KERNELS,
  recurrentActivation,
  record: (loop) => {
    const { plan, units, grid, chunks, precision, loading } = loop;
    const { mask, output, input, gates, dropoutMask: dropout_mask } = loop;
    const [h, c] = loop.states;
    const { weights, ...offset } = storedWeights(loop);
    const bindings = { input, weights, mask, h, c, gates, output };
    const own = { ...offset, INPUTS: loop.features };
    if (loop.splitKUnits) {
      const constants = { ...splitKConstants(loop, recurrentActivation, 'forward'), ...own };
      for (const chunk of chunks) plan.add(lstmForwardSplitK[precision], { chunk, ...bindings }, constants);
      return { gates };
    }
    const tile = lstmConstants(loop, recurrentActivation, 'forward');
    const constants = { ...tile, ...own, PERSISTENT_UNITS: loop.hasPersistentWeights ? units : 0 };
    const kernel = lstmForward[precision][loading];
    for (const chunk of chunks) {
      plan.add(kernel, { chunk, dropout_mask, ...bindings }, constants, grid, baseline(loop, kernel, constants));
    }
    return { gates };
  },
});

/** The constants that a pass of an LSTM shares with the other. */
export function lstmConstants(
  { plan, constants, tileRows }: Loop,
  recurrentActivation: number,
  pass: keyof typeof LSTM_TILE_UNITS,
) {
  const UNROLLED_CELLS = unrolledCells(plan.gpu, tileRows, pass);
  return { ...constants, RECURRENT_ACTIVATION: recurrentActivation, TILE_ROWS: tileRows, UNROLLED_CELLS };
}

/** The constants of a pass whose sums are split along k. */
export function splitKConstants(
  { constants, tileRows, splitKUnits }: Loop,
  recurrentActivation: number,
  pass: keyof typeof SPLIT_K_ROWS,
) {
  const ROW_QUADS = Math.min(tileRows, SPLIT_K_ROWS[pass]) / ROW_QUAD;
  return { ...constants, RECURRENT_ACTIVATION: recurrentActivation, TILE_UNITS: splitKUnits!, ROW_QUADS };
}

/** Rows of a baseline's tile, which a software adapter runs until the higher one has compiled. */
export const BASELINE_ROWS = 8;

/** The same kernel with a tile of fewer rows, which compiles sooner and adds up its sums in the same order. */
export function baseline<C extends string>(
  { plan, tileRows, grid }: Loop,
  kernel: Pick<KernelContract<never, C>, 'grid'>,
  constants: Constants<C | 'TILE_ROWS'>,
): Variant | undefined {
  if (!plan.gpu.isSoftware || tileRows <= BASELINE_ROWS) return undefined;
  const smaller = { ...constants, TILE_ROWS: BASELINE_ROWS };
  const [x, y, z] = kernel.grid(smaller);
  return { constants: smaller, grid: [grid?.[0] ?? x, y, z] };
}

/** The weights in the precision in which the time loop reads them, and the row at which the recurrent kernel begins. */
function storedWeights({ plan, tensor, units, weights, features, precision, constants: { RECURRENT_ROW } }: Loop) {
  if (precision === 'float32') return { weights, RECURRENT_ROW };
  const firstRow = features > 0 ? 0 : RECURRENT_ROW;
  const rows = RECURRENT_ROW + units - firstRow;
  const rounded = tensor('weights in half precision', [rows, VECTOR_WORDS[precision] * units]);
  plan.add(weightCast, { weights, rounded }, { FIRST: firstRow * units, VECTORS: rows * units });
  return { weights: rounded, RECURRENT_ROW: RECURRENT_ROW - firstRow };
}
