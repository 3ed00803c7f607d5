import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './softmax-forward.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Computes the softmax of every row. */
export const softmaxForward = defineKernel({
  name: 'softmax-forward',
  source,
  preludes: [grid],
  bindings: { z: 'read', y: 'read-write' },
  constants: ['ROWS', 'FEATURES'],
  sizes: ['ROWS', 'FEATURES'],
  grid: ({ ROWS }) => elementGrid(ROWS),
});
