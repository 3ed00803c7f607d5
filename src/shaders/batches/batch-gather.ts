import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './batch-gather.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Collects the samples of one batch from a data set and turns them time-major. */
export const batchGather = defineKernel({
  name: 'batch-gather',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', rows: 'read', samples: 'read', batch: 'read-write' },
  constants: ['SAMPLE_STEPS', 'STEPS', 'ROWS', 'FEATURES'],
  grid: ({ STEPS, ROWS, FEATURES }) => elementGrid(STEPS * ROWS * FEATURES),
});
