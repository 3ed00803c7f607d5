import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './state-gather.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Loads the initial state of each row of a batch from its slot, or zero if the slot was reset. */
export const stateGather = defineKernel({
  name: 'state-gather',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', rows: 'read', slots: 'read', state: 'read-write' },
  constants: ['ROWS', 'UNITS'],
  sizes: ['ROWS', 'UNITS'],
  grid: ({ ROWS, UNITS }) => elementGrid(ROWS * UNITS),
});
