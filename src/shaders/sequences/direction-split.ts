import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './direction-split.wgsl?raw';
import modes from './merge-modes.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Computes the gradients of both directions of a bidirectional layer from the gradient of their merged output. */
export const directionSplit = defineKernel({
  name: 'direction-split',
  source,
  preludes: [grid, modes],
  bindings: {
    gradient: 'read',
    forward: 'read',
    reversed: 'read',
    mask: 'read',
    forward_gradient: 'read-write',
    reversed_gradient: 'read-write',
  },
  constants: ['STEPS', 'ROWS', 'UNITS', 'MODE', 'MASKED'],
  sizes: ['STEPS', 'ROWS', 'UNITS'],
  grid: ({ STEPS, ROWS, UNITS }) => elementGrid(STEPS * ROWS * UNITS),
});
