import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './softmax-backward.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** The gradient before a softmax, from the gradient behind it and its values. */
export const softmaxBackward = defineKernel({
  name: 'softmax-backward',
  source,
  preludes: [grid],
  bindings: { y: 'read', dy: 'read', dz: 'read-write' },
  constants: ['ROWS', 'FEATURES'],
  grid: ({ ROWS }) => elementGrid(ROWS),
});
