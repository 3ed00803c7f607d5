import { defineKernel } from '../runtime/kernel.ts';
import source from './lstm-backward.wgsl?raw';
import activations from './prelude/activations.wgsl?raw';
import gates from './prelude/gates.wgsl?raw';
import lstm from './prelude/lstm.wgsl?raw';

/** Time steps of an LSTM backward: from the gradient of its outputs to the gradient of its pre-activations. */
export const lstmBackward = defineKernel({
  name: 'lstm-backward',
  source,
  preludes: [activations, gates, lstm],
  bindings: {
    stretch: 'frame',
    weights: 'read',
    gates: 'read',
    c: 'read',
    output_gradient: 'read',
    dz: 'read-write',
    dc: 'read-write',
  },
  constants: ['ROWS', 'UNITS', 'INPUTS', 'STEPS', 'HARD_GATES', 'RETURN_SEQUENCES', 'THREADS'],
  grid: ({ ROWS, UNITS, THREADS }) => [Math.ceil(UNITS / THREADS), ROWS, 1],
});
