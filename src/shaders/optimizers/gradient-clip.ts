import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './gradient-clip.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';

/** Shortens a gradient, or a part of one, whose norm is larger than allowed, in place. */
export const gradientClip = defineKernel({
  name: 'gradient-clip',
  source,
  preludes: [nan, grid],
  bindings: { norm: 'read', gradient: 'read-write' },
  constants: ['FIRST', 'ELEMENTS', 'LARGEST'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
