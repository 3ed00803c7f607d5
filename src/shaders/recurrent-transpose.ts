import { defineKernel, elementGrid } from '../runtime/kernel.ts';
import grid from './prelude/grid.wgsl?raw';
import source from './recurrent-transpose.wgsl?raw';

/** The recurrent kernel of an LSTM with rows and units exchanged. */
export const recurrentTranspose = defineKernel({
  name: 'recurrent-transpose',
  source,
  preludes: [grid],
  bindings: { weights: 'read', transposed: 'read-write' },
  constants: ['UNITS', 'RECURRENT_ROW'],
  grid: ({ UNITS }) => elementGrid(UNITS * UNITS),
});
