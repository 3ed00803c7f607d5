import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './direction-split.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** The gradients of two directions of time from that of what they were joined to. */
export const directionSplit = defineKernel({
  name: 'direction-split',
  source,
  preludes: [grid],
  bindings: {
    gradient: 'read',
    forward: 'read',
    reversed: 'read',
    mask: 'read',
    forward_gradient: 'read-write',
    reversed_gradient: 'read-write',
  },
  constants: ['STEPS', 'ROWS', 'UNITS', 'MODE', 'MASKED'],
  grid: ({ STEPS, ROWS, UNITS }) => elementGrid(STEPS * ROWS * UNITS),
});
