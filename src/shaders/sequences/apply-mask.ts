import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './apply-mask.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Sets masked steps to zero. */
export const applyMask = defineKernel({
  name: 'apply-mask',
  source,
  preludes: [grid],
  bindings: { mask: 'read', input: 'read', output: 'read-write' },
  constants: ['SAMPLES', 'FEATURES'],
  grid: ({ SAMPLES, FEATURES }) => elementGrid(SAMPLES * FEATURES),
});
