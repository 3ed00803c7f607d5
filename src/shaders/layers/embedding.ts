import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './embedding.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Looks up a row of a table for every index. */
export const lookUp = defineKernel({
  name: 'embedding',
  source,
  preludes: [grid],
  bindings: { indices: 'read', table: 'read', output: 'read-write' },
  constants: ['POSITIONS', 'COLUMNS'],
  sizes: ['POSITIONS', 'COLUMNS'],
  grid: ({ POSITIONS, COLUMNS }) => elementGrid(POSITIONS * COLUMNS),
});
