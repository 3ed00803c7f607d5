import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './gradient-clip.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';

/** Scales a gradient, or a part of it, down to the largest norm allowed, in place. */
export const gradientClip = defineKernel({
  name: 'gradient-clip',
  source,
  preludes: [nan, grid],
  bindings: { norm: 'read', gradient: 'read-write' },
  constants: ['FIRST', 'ELEMENTS', 'LARGEST'],
  sizes: ['FIRST', 'ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
