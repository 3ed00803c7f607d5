import { LSTM_TILE_UNITS } from './lstm-tile.ts';
import source from './lstm-forward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import cell from './lstm-cell.wgsl?raw';
import step from './lstm-forward-step.wgsl?raw';
import products from './lstm-forward-tile.wgsl?raw';
import tile from './lstm-tile.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import output from '../prelude/recurrent-output.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { inEachPrecision } from '../precision.ts';
import { inEachLoading } from '../quads.ts';
import { RECURRENT_CONSTANTS, RECURRENT_SIZES } from '../recurrent/recurrent-constants.ts';

const each = inEachPrecision({
  name: 'lstm-forward',
  source,
  preludes: [nan, activations, gates, cell, recurrent, tile, products, output, step],
  bindings: {
    chunk: 'frame',
    input: 'read',
    weights: 'read',
    mask: 'read',
    dropout_mask: 'read',
    h: 'read-write',
    c: 'read-write',
    gates: 'read-write',
    output: 'read-write',
  },
  fixedLengths: 'all',
  isSpecialized: true,
  constants: [
    ...RECURRENT_CONSTANTS,
    'ACTIVATION',
    'RECURRENT_ACTIVATION',
    'TILE_ROWS',
    'UNROLLED_CELLS',
    'INPUTS',
    'PERSISTENT_UNITS',
  ],
  sizes: RECURRENT_SIZES,
  grid: ({ ROWS, UNITS, THREADS, TILE_ROWS }) => [
    Math.ceil(UNITS / (LSTM_TILE_UNITS.forward * THREADS)),
    Math.ceil(ROWS / TILE_ROWS),
    1,
  ],
});

/**
 * Computes time steps of an LSTM: the recurrent product fused with the update of the cell, and for few features with the input
 * product too.
 */
export const lstmForward = {
  float32: inEachLoading(each.float32),
  mixedFloat16: inEachLoading(each.mixedFloat16),
};
