import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import source from './repeat-vector.wgsl?raw';

/** Repeats a vector at every step. */
export const repeatSteps = defineKernel({
  name: 'repeat-vector',
  source,
  preludes: [grid],
  bindings: { input: 'read', output: 'read-write' },
  constants: ['STEPS', 'ELEMENTS'],
  sizes: ['STEPS', 'ELEMENTS'],
  grid: ({ STEPS, ELEMENTS }) => elementGrid(STEPS * ELEMENTS),
});
