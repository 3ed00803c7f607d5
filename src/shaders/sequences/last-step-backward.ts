import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './last-step-backward.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** The gradient of a sequence of which only the last step that counts was taken. */
export const lastStepBackward = defineKernel({
  name: 'last-step-backward',
  source,
  preludes: [grid],
  bindings: { mask: 'read', output_gradient: 'read', input_gradient: 'read-write' },
  constants: ['STEPS', 'ROWS', 'FEATURES', 'MASKED'],
  grid: ({ ROWS, FEATURES }) => elementGrid(ROWS * FEATURES),
});
