import { oneOf, trueOrFalse } from '../../../runtime/options.ts';
import { gruBackward } from '../../../shaders/gru/gru-backward.ts';
import { gruForward } from '../../../shaders/gru/gru-forward.ts';
import { ACTIVATIONS, activationNumber, type Activation } from '../../operations/recurrence/activations.ts';
import type { Cell, RecordBackward } from '../../operations/recurrence/cell.ts';
import type { LayerDefinition } from './layer.ts';
import { RecurrentLayer } from './recurrent-layer.ts';
import { checkRecurrent, type RecurrentOptions } from './recurrent-options.ts';

export interface GruOptions extends RecurrentOptions {
  /** The function of the gates. Default: `'sigmoid'`. */
  recurrentActivation?: Activation;
  /**
   * The reset gate multiplies h · recurrent kernel, which has a bias of its own, instead of h. Default: true, as in Keras
   * since 2.0 on TensorFlow 2 and in cuDNN and PyTorch.
   */
  resetAfter?: boolean;
}

/**
 * A gated recurrent unit with Keras 3's defaults, on inputs [timesteps, features].
 *
 * Weights: kernel [features, 3 units], recurrentKernel [units, 3 units], bias [2, 3 units] (of the input and of the
 * recurrent product), or [3 units] without resetAfter. Columns: gates z, r, h.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see Cho et al. 2014; keras/src/layers/rnn/gru.py
 */
export function gru(options: GruOptions): LayerDefinition {
  const checked = checkRecurrent('gru', options, ['recurrentActivation', 'resetAfter']);
  const gate = oneOf('gru', 'recurrentActivation', options.recurrentActivation ?? 'sigmoid', ACTIVATIONS);
  const cell = gruCell(activationNumber(gate), trueOrFalse('gru', 'resetAfter', options.resetAfter ?? true));
  return {
    kind: 'gru',
    name: options.name,
    options,
    build: (name, input) => new RecurrentLayer(name, input, checked, cell),
  };
}

const GRU_KERNELS = [gruForward, gruBackward];

const gruCell = (recurrentActivation: number, resetAfter: boolean): Cell => ({
  name: resetAfter ? 'gru' : 'gru, reset before',
  gates: 3,
  gateNames: 'zrh',
  biases: resetAfter ? 2 : 1,
  recurrentActivation,
  states: ['h'],
  alwaysFused: !resetAfter,
  kernels: GRU_KERNELS,
  record: ({ plan, tensor, steps, rows, units, grid, chunks, ...loop }) => {
    const constants = { ...loop.constants, RECURRENT_ACTIVATION: recurrentActivation, RESET_AFTER: Number(resetAfter) };
    const { weights, mask, output, gates: input_gates, dropoutMask: dropout_mask } = loop;
    const [h] = loop.states;
    const gates = tensor('gates', [steps, rows, 4 * units]);
    for (const chunk of chunks) {
      plan.add(gruForward, { chunk, input_gates, weights, mask, dropout_mask, h, gates, output }, constants, grid);
    }
    const backward: RecordBackward = (output_gradient) => {
      const carry = loop.carry();
      const recurrent = tensor('recurrent part', [steps, rows, resetAfter ? 3 * units : units]);
      for (const chunk of chunks.toReversed()) {
        const bindings = { chunk, weights, mask, gates, h, output_gradient, dz: input_gates, recurrent, carry };
        plan.add(gruBackward, bindings, constants, grid);
      }
      if (resetAfter) return [{ hidden: h, order: 'processing', recurrentGradient: recurrent, firstGate: 0, gates: 3 }];
      return [
        { hidden: h, order: 'processing', firstGate: 0, gates: 2 },
        { hidden: recurrent, order: 'input', firstGate: 2, gates: 1 },
      ];
    };
    return { gates, backward };
  },
});
