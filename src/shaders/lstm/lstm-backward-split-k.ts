import source from './lstm-backward-split-k.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import step from './lstm-backward-step.wgsl?raw';
import cell from './lstm-cell.wgsl?raw';
import splitK from './lstm-split-k.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import outputGradient from '../prelude/output-gradient.wgsl?raw';
import gradient from '../prelude/recurrent-gradient.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { inEachPrecision } from '../precision.ts';
import { RECURRENT_CONSTANTS } from '../recurrent/recurrent-constants.ts';
import { splitKGrid } from './lstm-split-k.ts';

/**
 * Computes a time step of the backward pass of an LSTM by tiles whose sums are split along k, so that a step of few rows fills
 * a GPU.
 */
export const lstmBackwardSplitK = inEachPrecision({
  name: 'lstm-backward-split-k',
  source,
  preludes: [nan, activations, gates, cell, recurrent, outputGradient, gradient, step, splitK],
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
  constants: [...RECURRENT_CONSTANTS, 'ACTIVATION', 'RECURRENT_ACTIVATION', 'TILE_UNITS', 'ROW_QUADS'],
  grid: splitKGrid,
});
