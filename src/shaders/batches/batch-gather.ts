import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './batch-gather.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Gathers the samples of a batch, or a window of their steps, from a data set and transposes them to time-major order. */
export const batchGather = defineKernel({
  name: 'batch-gather',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', rows: 'read', samples: 'read', batch: 'read-write' },
  constants: ['SAMPLE_STEPS', 'STEPS', 'ROWS', 'FEATURES'],
  sizes: ['SAMPLE_STEPS', 'STEPS', 'ROWS', 'FEATURES'],
  grid: ({ STEPS, ROWS, FEATURES }) => elementGrid(STEPS * ROWS * FEATURES),
});
