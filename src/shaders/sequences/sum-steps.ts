import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import source from './sum-steps.wgsl?raw';

/** Sums over all steps. */
export const sumSteps = defineKernel({
  name: 'sum-steps',
  source,
  preludes: [grid],
  bindings: { input: 'read', output: 'read-write' },
  constants: ['STEPS', 'ELEMENTS'],
  sizes: ['STEPS', 'ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
