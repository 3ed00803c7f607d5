import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './last-step-backward.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Computes the gradient of the input of last-step: zero at every step but the last unmasked one. */
export const lastStepBackward = defineKernel({
  name: 'last-step-backward',
  source,
  preludes: [grid],
  bindings: { mask: 'read', output_gradient: 'read', input_gradient: 'read-write' },
  constants: ['STEPS', 'ROWS', 'FEATURES', 'MASKED'],
  sizes: ['STEPS', 'ROWS', 'FEATURES'],
  grid: ({ ROWS, FEATURES }) => elementGrid(ROWS * FEATURES),
});
