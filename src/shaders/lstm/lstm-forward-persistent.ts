import source from './lstm-forward-persistent.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import cell from './lstm-cell.wgsl?raw';
import step from './lstm-forward-step.wgsl?raw';
import persistent from './lstm-persistent.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import output from '../prelude/recurrent-output.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { inEachPrecision } from '../precision.ts';
import { RECURRENT_CONSTANTS } from '../recurrent/recurrent-constants.ts';
import { PERSISTENT_CONSTANTS, persistentGrid } from './lstm-persistent.ts';

/**
 * Computes time steps of an LSTM with persistent weights: workgroups of a few rows each, whose threads keep the recurrent
 * weights in registers from step to step.
 */
export const lstmForwardPersistent = inEachPrecision({
  name: 'lstm-forward-persistent',
  source,
  preludes: [nan, activations, gates, cell, recurrent, output, step, persistent],
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
  constants: [...RECURRENT_CONSTANTS, ...PERSISTENT_CONSTANTS, 'INPUTS', 'OWN_FEATURES'],
  grid: persistentGrid,
});
