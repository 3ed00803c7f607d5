import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './gradient-gather.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Gathers the gradients of several updates, and in the last of them hands their mean on. */
export const gradientGather = defineKernel({
  name: 'gradient-gather',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', gathered: 'read-write', gradient: 'read-write' },
  constants: ['ELEMENTS', 'COUNT'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
