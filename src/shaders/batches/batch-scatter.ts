import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './batch-scatter.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Scatters the results of a batch to the positions of their samples in the data set: the inverse of batch-gather. */
export const batchScatter = defineKernel({
  name: 'batch-scatter',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', rows: 'read', batch: 'read', samples: 'read-write' },
  constants: ['FIRST', 'STEPS', 'ROWS', 'FEATURES'],
  sizes: ['FIRST', 'STEPS', 'ROWS', 'FEATURES'],
  grid: ({ STEPS, ROWS, FEATURES }) => elementGrid(STEPS * ROWS * FEATURES),
});
