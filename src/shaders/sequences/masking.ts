import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './masking.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Masks the steps whose features all equal MASK_VALUE, and sets them to zero. */
export const findMask = defineKernel({
  name: 'masking',
  source,
  preludes: [grid],
  bindings: { input: 'read', output: 'read-write', mask: 'read-write' },
  constants: ['SAMPLES', 'FEATURES', 'MASK_VALUE'],
  sizes: ['SAMPLES', 'FEATURES'],
  grid: ({ SAMPLES }) => elementGrid(SAMPLES),
});
