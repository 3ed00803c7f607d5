import { LSTM_TILE_UNITS } from './lstm-tile.ts';
import source from './lstm-wavefront-backward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import products from './lstm-backward-tile.wgsl?raw';
import cell from './lstm-cell.wgsl?raw';
import tile from './lstm-tile.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import outputGradient from '../prelude/output-gradient.wgsl?raw';
import wavefront from './wavefront.wgsl?raw';
import { inEachLoading } from '../quads.ts';
import { WAVEFRONT_CONSTANTS, WAVEFRONT_SIZES, wavefrontGrid } from './wavefront-constants.ts';

/**
 * Computes one step of the backward pass of each layer in a stack of LSTM layers along a diagonal: each layer is one step
 * behind the layer above.
 */
export const lstmWavefrontBackward = inEachLoading({
  name: 'lstm-wavefront-backward',
  source,
  preludes: [nan, activations, gates, cell, wavefront, tile, products, outputGradient],
  bindings: {
    diagonal: 'frame',
    transposed: 'read',
    gates: 'read-write',
    c: 'read',
    output_gradient: 'read',
    carry: 'read-write',
  },
  fixedLengths: 'all',
  isSpecialized: true,
  constants: [...WAVEFRONT_CONSTANTS, 'MATRIX'],
  sizes: WAVEFRONT_SIZES,
  grid: (constants) => wavefrontGrid(constants, LSTM_TILE_UNITS.backward),
});
