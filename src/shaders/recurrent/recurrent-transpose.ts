import { elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import source from './recurrent-transpose.wgsl?raw';
import { inEachPrecision } from '../precision.ts';

/** Transposes the recurrent kernel of an LSTM, so that loads in the backward pass are coalesced. */
export const recurrentTranspose = inEachPrecision({
  name: 'recurrent-transpose',
  source,
  preludes: [grid],
  bindings: { weights: 'read', transposed: 'read-write' },
  fixedLengths: 'all',
  constants: ['UNITS', 'RECURRENT_ROW'],
  sizes: ['UNITS', 'RECURRENT_ROW'],
  grid: ({ UNITS }) => elementGrid(UNITS * UNITS),
});
