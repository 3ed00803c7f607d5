import { defineKernel } from '../runtime/kernel.ts';
import source from './lstm-forward.wgsl?raw';
import activations from './prelude/activations.wgsl?raw';
import gates from './prelude/gates.wgsl?raw';
import lstm from './prelude/lstm.wgsl?raw';

/** Time steps of an LSTM: recurrent product and cell update in one go. */
export const lstmForward = defineKernel({
  name: 'lstm-forward',
  source,
  preludes: [activations, gates, lstm],
  bindings: {
    stretch: 'frame',
    input_gates: 'read',
    weights: 'read',
    h: 'read-write',
    c: 'read-write',
    gates: 'read-write',
    output: 'read-write',
  },
  constants: ['ROWS', 'UNITS', 'INPUTS', 'STEPS', 'HARD_GATES', 'RETURN_SEQUENCES', 'THREADS'],
  grid: ({ ROWS, UNITS, THREADS }) => [Math.ceil(UNITS / THREADS), ROWS, 1],
});
