import { simpleRnnBackward } from '../../../shaders/simple-rnn/simple-rnn-backward.ts';
import { simpleRnnForward } from '../../../shaders/simple-rnn/simple-rnn-forward.ts';
import type { Cell, RecordBackward } from '../../operations/recurrence/cell.ts';
import type { LayerDefinition } from './layer.ts';
import { RecurrentLayer } from './recurrent-layer.ts';
import { checkRecurrent, type RecurrentOptions } from './recurrent-options.ts';

export type SimpleRnnOptions = RecurrentOptions;

/**
 * A fully connected recurrent layer with Keras 3's defaults, on inputs [timesteps, features]:
 * h = activation(x · kernel + h · recurrentKernel + bias).
 *
 * Weights: kernel [features, units], recurrentKernel [units, units], bias [units].
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see Elman 1990; keras/src/layers/rnn/simple_rnn.py
 */
export function simpleRnn(options: SimpleRnnOptions): LayerDefinition {
  const checked = checkRecurrent('simpleRnn', options, []);
  return {
    kind: 'simpleRnn',
    name: options.name,
    options,
    build: (name, input) => new RecurrentLayer(name, input, checked, simpleRnnCell),
  };
}

const simpleRnnCell: Cell = {
  name: 'simpleRnn',
  gates: 1,
  biases: 1,
  states: ['h'],
  kernels: [simpleRnnForward, simpleRnnBackward],
  record: ({ plan, constants, grid, chunks, ...loop }) => {
    const { weights, mask, output, gates, dropoutMask: dropout_mask } = loop;
    const [h] = loop.states;
    for (const chunk of chunks) {
      plan.add(
        simpleRnnForward,
        { chunk, input_gates: gates, weights, mask, dropout_mask, h, output },
        constants,
        grid,
      );
    }
    const backward: RecordBackward = (output_gradient) => {
      const carry = loop.carry();
      for (const chunk of chunks.toReversed()) {
        plan.add(simpleRnnBackward, { chunk, weights, mask, h, output_gradient, dz: gates, carry }, constants, grid);
      }
      return [{ hidden: h, order: 'processing', firstGate: 0, gates: 1 }];
    };
    return { backward };
  },
};
