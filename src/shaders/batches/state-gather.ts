import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './state-gather.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Loads the state that each row of a batch continues from, or zero where its slot was reset. */
export const stateGather = defineKernel({
  name: 'state-gather',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', rows: 'read', slots: 'read', state: 'read-write' },
  constants: ['ROWS', 'UNITS'],
  grid: ({ ROWS, UNITS }) => elementGrid(ROWS * UNITS),
});
