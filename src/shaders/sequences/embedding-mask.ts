import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './embedding-mask.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** The mask of indices of which 0 stands for padding. */
export const embeddingMask = defineKernel({
  name: 'embedding-mask',
  source,
  preludes: [grid],
  bindings: { indices: 'read', mask: 'read-write' },
  constants: ['STEPS', 'ROWS'],
  grid: ({ STEPS, ROWS }) => elementGrid(STEPS * ROWS),
});
