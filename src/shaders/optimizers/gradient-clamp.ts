import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './gradient-clamp.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';

/** Clamps every element of a gradient, in place. */
export const gradientClamp = defineKernel({
  name: 'gradient-clamp',
  source,
  preludes: [nan, grid],
  bindings: { gradient: 'read-write' },
  constants: ['ELEMENTS', 'LARGEST'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
