import { oneOf, trueOrFalse } from '../../runtime/options.ts';
import { lstmBackward } from '../../shaders/lstm-backward.ts';
import { lstmForward } from '../../shaders/lstm-forward.ts';
import { recurrentTranspose } from '../../shaders/recurrent-transpose.ts';
import { ones, type Initializer } from '../initializers.ts';
import { ACTIVATIONS, activationNumber, type Activation } from './activations.ts';
import type { Cell } from './cell.ts';
import type { LayerDefinition, SampleShape } from './layer.ts';
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
  return { kind: 'lstm', name: options.name, build: (name, input) => new Lstm(name, input, checked, gate) };
}

/** Ones for the forget gate, the second of four (Jozefowicz et al. 2015; Keras' unit_forget_bias). */
const withForgetBias =
  (initializer: Initializer): Initializer =>
  ([columns], random) => {
    const units = columns / 4;
    const values = new Float32Array(columns);
    values.set(initializer([units], random));
    values.set(ones([units], random), units);
    values.set(initializer([2 * units], random), 2 * units);
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

const lstmCell = (recurrentActivation: number): Cell => ({
  name: 'lstm',
  gates: 4,
  isUnitByUnit: true,
  hasTiles: true,
  takesInput: true,
  biases: 1,
  states: ['h', 'c'],
  record: ({ plan, tensor, steps, rows, units, grid, stretches, ...loop }) => {
    const constants = { ...loop.constants, RECURRENT_ACTIVATION: recurrentActivation, TILE_ROWS: loop.tileRows };
    const { weights, mask, output, input, dropoutMask: dropout_mask, features: INPUTS, isTraining } = loop;
    const [h, c] = loop.states;
    const gates = tensor('gates', isTraining ? [steps, rows, 4 * units] : [4]);
    const forward = { ...constants, INPUTS, KEEP_GATES: Number(isTraining) };
    for (const stretch of stretches) {
      plan.add(lstmForward, { stretch, input, weights, mask, dropout_mask, h, c, gates, output }, forward, grid);
    }
    return (output_gradient, dz) => {
      const carry = loop.carry();
      const transposed = tensor('recurrent kernel transposed', [units, 4 * units]);
      const { UNITS, RECURRENT_ROW } = constants;
      plan.add(recurrentTranspose, { weights, transposed }, { UNITS, RECURRENT_ROW });
      for (const stretch of stretches.toReversed()) {
        const bindings = { stretch, transposed, mask, gates, c, output_gradient, dz, carry };
        plan.add(lstmBackward, bindings, constants, grid);
      }
      return [{ hidden: h, order: 'processing', firstGate: 0, gates: 4 }];
    };
  },
});
