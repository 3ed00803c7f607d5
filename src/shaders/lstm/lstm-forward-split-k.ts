import source from './lstm-forward-split-k.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import cell from './lstm-cell.wgsl?raw';
import step from './lstm-forward-step.wgsl?raw';
import splitK from './lstm-split-k.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import output from '../prelude/recurrent-output.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { inEachPrecision } from '../precision.ts';
import { RECURRENT_CONSTANTS } from '../recurrent/recurrent-constants.ts';
import { splitKGrid } from './lstm-split-k.ts';

/** Computes a time step of an LSTM by tiles whose sums are split along k, so that a step of few rows fills a GPU. */
export const lstmForwardSplitK = inEachPrecision({
  name: 'lstm-forward-split-k',
  source,
  preludes: [nan, activations, gates, cell, recurrent, output, step, splitK],
  bindings: {
    chunk: 'frame',
    input: 'read',
    weights: 'read',
    mask: 'read',
    h: 'read-write',
    c: 'read-write',
    gates: 'read-write',
    output: 'read-write',
  },

  fixedLengths: 'all',
  isSpecialized: true,
  constants: [...RECURRENT_CONSTANTS, 'ACTIVATION', 'RECURRENT_ACTIVATION', 'INPUTS', 'TILE_UNITS', 'ROW_QUADS'],
  grid: splitKGrid,
});
