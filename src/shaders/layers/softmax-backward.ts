import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './softmax-backward.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Computes the gradient of the input of a softmax from its output and the gradient of that. */
export const softmaxBackward = defineKernel({
  name: 'softmax-backward',
  source,
  preludes: [grid],
  bindings: { y: 'read', dy: 'read', dz: 'read-write' },
  constants: ['ROWS', 'FEATURES'],
  sizes: ['ROWS', 'FEATURES'],
  grid: ({ ROWS }) => elementGrid(ROWS),
});
