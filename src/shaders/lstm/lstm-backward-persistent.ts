import source from './lstm-backward-persistent.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import step from './lstm-backward-step.wgsl?raw';
import cell from './lstm-cell.wgsl?raw';
import persistent from './lstm-persistent.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import outputGradient from '../prelude/output-gradient.wgsl?raw';
import gradient from '../prelude/recurrent-gradient.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { inEachPrecision } from '../precision.ts';
import { RECURRENT_CONSTANTS } from '../recurrent/recurrent-constants.ts';
import { PERSISTENT_CONSTANTS, persistentGrid } from './lstm-persistent.ts';

/**
 * Computes time steps of the backward pass of an LSTM with persistent weights: workgroups of a few rows each, whose threads
 * keep the transposed recurrent weights in registers from step to step.
 */
export const lstmBackwardPersistent = inEachPrecision({
  name: 'lstm-backward-persistent',
  source,
  preludes: [nan, activations, gates, cell, recurrent, outputGradient, gradient, step, persistent],
  bindings: {
    chunk: 'frame',
    transposed: 'read',
    mask: 'read',
    gates: 'read-write',
    c: 'read',
    output_gradient: 'read',
    carry: 'read-write',
  },
  fixedLengths: 'all',
  isSpecialized: true,
  constants: [...RECURRENT_CONSTANTS, ...PERSISTENT_CONSTANTS],
  grid: persistentGrid,
});
