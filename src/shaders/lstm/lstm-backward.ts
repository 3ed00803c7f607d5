import { LSTM_TILE_UNITS } from './lstm-tile.ts';
import source from './lstm-backward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import step from './lstm-backward-step.wgsl?raw';
import products from './lstm-backward-tile.wgsl?raw';
import cell from './lstm-cell.wgsl?raw';
import tile from './lstm-tile.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import outputGradient from '../prelude/output-gradient.wgsl?raw';
import gradient from '../prelude/recurrent-gradient.wgsl?raw';
import recurrent from '../prelude/recurrent.wgsl?raw';
import { inEachPrecision } from '../precision.ts';
import { inEachLoading } from '../quads.ts';
import { RECURRENT_CONSTANTS, RECURRENT_SIZES } from '../recurrent/recurrent-constants.ts';

const each = inEachPrecision({
  name: 'lstm-backward',
  source,
  preludes: [nan, activations, gates, cell, recurrent, tile, products, outputGradient, gradient, step],
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
  constants: [...RECURRENT_CONSTANTS, 'ACTIVATION', 'RECURRENT_ACTIVATION', 'TILE_ROWS', 'UNROLLED_CELLS'],
  sizes: RECURRENT_SIZES,
  grid: ({ ROWS, UNITS, THREADS, TILE_ROWS }) => [
    Math.ceil(UNITS / (LSTM_TILE_UNITS.backward * THREADS)),
    Math.ceil(ROWS / TILE_ROWS),
    1,
  ],
});

/**
 * Computes time steps of the backward pass of an LSTM: from the gradient of its outputs to that of its pre-activations z.
 */
export const lstmBackward = {
  float32: inEachLoading(each.float32),
  mixedFloat16: inEachLoading(each.mixedFloat16),
};
