import { defineKernel } from '../../runtime/kernel.ts';
import source from './simple-rnn-forward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import output from '../prelude/recurrent-output.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { RECURRENT_CONSTANTS, RECURRENT_SIZES } from '../recurrent/recurrent-constants.ts';

/** Computes time steps of a simple recurrent layer: the recurrent product fused with the activation. */
export const simpleRnnForward = defineKernel({
  name: 'simple-rnn-forward',
  source,
  preludes: [nan, activations, recurrent, output],
  bindings: {
    chunk: 'frame',
    input_gates: 'read',
    weights: 'read',
    mask: 'read',
    dropout_mask: 'read',
    h: 'read-write',
    output: 'read-write',
  },
  fixedLengths: 'all',
  constants: [...RECURRENT_CONSTANTS, 'ACTIVATION'],
  sizes: RECURRENT_SIZES,
  grid: ({ ROWS, UNITS, THREADS }) => [Math.ceil(UNITS / THREADS), ROWS, 1],
});
