import { defineKernel } from '../../runtime/kernel.ts';
import source from './simple-rnn-backward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import outputGradient from '../prelude/output-gradient.wgsl?raw';
import gradient from '../prelude/recurrent-gradient.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { RECURRENT_CONSTANTS, RECURRENT_SIZES } from '../recurrent/recurrent-constants.ts';

/**
 * Computes time steps of the backward pass of a simple recurrent layer: from the gradient of its outputs to that of its pre-
 * activations z.
 */
export const simpleRnnBackward = defineKernel({
  name: 'simple-rnn-backward',
  source,
  preludes: [nan, activations, recurrent, outputGradient, gradient],
  bindings: {
    chunk: 'frame',
    weights: 'read',
    mask: 'read',
    h: 'read',
    output_gradient: 'read',
    dz: 'read-write',
    carry: 'read-write',
  },
  fixedLengths: 'all',
  constants: [...RECURRENT_CONSTANTS, 'ACTIVATION'],
  sizes: RECURRENT_SIZES,
  grid: ({ ROWS, UNITS, THREADS }) => [Math.ceil(UNITS / THREADS), ROWS, 1],
});
