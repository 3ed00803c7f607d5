import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './apply-mask.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Sets to zero the steps whose mask is ZEROED: 0 for padding, 1 for the steps that an array of resets marks. */
export const applyMask = defineKernel({
  name: 'apply-mask',
  source,
  preludes: [grid],
  bindings: { mask: 'read', input: 'read', output: 'read-write' },
  constants: ['SAMPLES', 'FEATURES', 'ZEROED'],
  sizes: ['SAMPLES', 'FEATURES'],
  grid: ({ SAMPLES, FEATURES }) => elementGrid(SAMPLES * FEATURES),
});
