import { defineKernel } from '../../runtime/kernel.ts';
import source from './gru-forward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import output from '../prelude/recurrent-output.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { RECURRENT_CONSTANTS, RECURRENT_SIZES } from '../recurrent/recurrent-constants.ts';

/** Computes time steps of a GRU: the recurrent product fused with the update of the state. */
export const gruForward = defineKernel({
  name: 'gru-forward',
  source,
  preludes: [nan, activations, gates, recurrent, output],
  bindings: {
    chunk: 'frame',
    input_gates: 'read',
    weights: 'read',
    mask: 'read',
    dropout_mask: 'read',
    h: 'read-write',
    gates: 'read-write',
    output: 'read-write',
  },
  fixedLengths: 'all',
  constants: [...RECURRENT_CONSTANTS, 'ACTIVATION', 'RECURRENT_ACTIVATION', 'RESET_AFTER'],
  sizes: RECURRENT_SIZES,
  grid: ({ ROWS, UNITS, THREADS }) => [Math.ceil(UNITS / THREADS), ROWS, 1],
});
