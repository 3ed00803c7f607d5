import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './batch-scatter.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Puts the results of one batch, from step FIRST on, back where their samples are in the data set. */
export const batchScatter = defineKernel({
  name: 'batch-scatter',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', rows: 'read', batch: 'read', samples: 'read-write' },
  constants: ['FIRST', 'STEPS', 'ROWS', 'FEATURES'],
  grid: ({ STEPS, ROWS, FEATURES }) => elementGrid(STEPS * ROWS * FEATURES),
});
