import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import source from './step-flags.wgsl?raw';

/** Packs a mask and the resets of its steps into one number a step, as the kernels of recurrent layers read it. */
export const stepFlags = defineKernel({
  name: 'step-flags',
  source,
  preludes: [grid],
  bindings: { mask: 'read', resets: 'read', flags: 'read-write' },
  constants: ['ELEMENTS', 'MASKED'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
