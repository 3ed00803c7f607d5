import { LSTM_TILE_UNITS } from './lstm-tile.ts';
import source from './lstm-wavefront-forward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import cell from './lstm-cell.wgsl?raw';
import products from './lstm-forward-tile.wgsl?raw';
import tile from './lstm-tile.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import wavefront from './wavefront.wgsl?raw';
import { inEachLoading } from '../quads.ts';
import { WAVEFRONT_CONSTANTS, WAVEFRONT_SIZES, wavefrontGrid } from './wavefront-constants.ts';

/**
 * Computes one step of each layer in a stack of LSTM layers along a diagonal: each layer is one step behind the layer below.
 */
export const lstmWavefrontForward = inEachLoading({
  name: 'lstm-wavefront-forward',
  source,
  preludes: [nan, activations, gates, cell, wavefront, tile, products],
  bindings: {
    diagonal: 'frame',
    input: 'read',
    weights: 'read',
    h: 'read-write',
    c: 'read-write',
    gates: 'read-write',
    output: 'read-write',
  },
  fixedLengths: 'all',
  isSpecialized: true,
  constants: [...WAVEFRONT_CONSTANTS, 'FEATURES', 'INPUTS', 'SECOND_WEIGHTS', 'LAYER_WEIGHTS'],
  sizes: WAVEFRONT_SIZES,
  grid: (constants) => wavefrontGrid(constants, LSTM_TILE_UNITS.forward),
});
