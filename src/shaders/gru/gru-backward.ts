import { defineKernel } from '../../runtime/kernel.ts';
import source from './gru-backward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import outputGradient from '../prelude/output-gradient.wgsl?raw';
import gradient from '../prelude/recurrent-gradient.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { RECURRENT_CONSTANTS, RECURRENT_SIZES } from '../recurrent/recurrent-constants.ts';

/**
 * Computes time steps of the backward pass of a GRU: from the gradient of its outputs to those of its input product and its
 * recurrent product.
 */
export const gruBackward = defineKernel({
  name: 'gru-backward',
  source,
  preludes: [nan, activations, gates, recurrent, outputGradient, gradient],
  bindings: {
    chunk: 'frame',
    weights: 'read',
    mask: 'read',
    gates: 'read',
    h: 'read',
    output_gradient: 'read',
    dz: 'read-write',
    recurrent: 'read-write',
    carry: 'read-write',
  },
  fixedLengths: 'all',
  constants: [...RECURRENT_CONSTANTS, 'ACTIVATION', 'RECURRENT_ACTIVATION', 'RESET_AFTER'],
  sizes: RECURRENT_SIZES,
  grid: ({ ROWS, UNITS, THREADS }) => [Math.ceil(UNITS / THREADS), ROWS, 1],
});
