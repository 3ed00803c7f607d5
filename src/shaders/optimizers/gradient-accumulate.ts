import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './gradient-accumulate.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Accumulates the gradients of several updates; the last of these updates gets their mean as its gradient. */
export const gradientAccumulate = defineKernel({
  name: 'gradient-accumulate',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', accumulated: 'read-write', gradient: 'read-write' },
  constants: ['ELEMENTS', 'COUNT'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
