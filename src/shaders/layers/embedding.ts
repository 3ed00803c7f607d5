import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './embedding.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Looks up a row of a table for every index, and transposes the result to time-major order. */
export const lookUp = defineKernel({
  name: 'embedding',
  source,
  preludes: [grid],
  bindings: { indices: 'read', table: 'read', output: 'read-write' },
  constants: ['STEPS', 'ROWS', 'COLUMNS'],
  grid: ({ STEPS, ROWS, COLUMNS }) => elementGrid(STEPS * ROWS * COLUMNS),
});
