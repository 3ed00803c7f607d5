import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './direction-merge.wgsl?raw';
import modes from './merge-modes.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Merges the outputs of the two directions of a bidirectional layer, the second of which is in reversed order. */
export const directionMerge = defineKernel({
  name: 'direction-merge',
  source,
  preludes: [grid, modes],
  bindings: { forward: 'read', reversed: 'read', mask: 'read', merged: 'read-write' },
  constants: ['STEPS', 'ROWS', 'UNITS', 'MODE', 'MASKED'],
  sizes: ['STEPS', 'ROWS', 'UNITS'],
  grid: ({ STEPS, ROWS, UNITS }) => elementGrid(STEPS * ROWS * UNITS),
});
