import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './direction-merge.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Joins what two directions of time gave, one of which lies in reversed order. */
export const directionMerge = defineKernel({
  name: 'direction-merge',
  source,
  preludes: [grid],
  bindings: { forward: 'read', reversed: 'read', mask: 'read', merged: 'read-write' },
  constants: ['STEPS', 'ROWS', 'UNITS', 'MODE', 'MASKED'],
  grid: ({ STEPS, ROWS, UNITS }) => elementGrid(STEPS * ROWS * UNITS),
});
