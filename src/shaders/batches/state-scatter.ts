import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './state-scatter.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Stores the state after the last step of a batch in the slots of its rows: the inverse of state-gather. */
export const stateScatter = defineKernel({
  name: 'state-scatter',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', rows: 'read', state: 'read', slots: 'read-write' },
  constants: ['FIRST', 'ROWS', 'UNITS'],
  sizes: ['FIRST', 'ROWS', 'UNITS'],
  grid: ({ ROWS, UNITS }) => elementGrid(ROWS * UNITS),
});
