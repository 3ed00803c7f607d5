import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './gradient-accumulate.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Gathers the gradients of several updates, and in the last of them hands their mean on. */
export const gradientAccumulate = defineKernel({
  name: 'gradient-accumulate',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', accumulated: 'read-write', gradient: 'read-write' },
  constants: ['ELEMENTS', 'COUNT'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
