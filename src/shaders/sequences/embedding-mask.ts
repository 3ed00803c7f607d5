import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './embedding-mask.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Computes the mask of a sequence of indices in which 0 is padding. */
export const embeddingMask = defineKernel({
  name: 'embedding-mask',
  source,
  preludes: [grid],
  bindings: { indices: 'read', mask: 'read-write' },
  constants: ['POSITIONS'],
  sizes: ['POSITIONS'],
  grid: ({ POSITIONS }) => elementGrid(POSITIONS),
});
