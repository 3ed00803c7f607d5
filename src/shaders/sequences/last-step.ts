import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './last-step.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Takes the last step that counts of every sequence. */
export const takeLastStep = defineKernel({
  name: 'last-step',
  source,
  preludes: [grid],
  bindings: { mask: 'read', input: 'read', output: 'read-write' },
  constants: ['STEPS', 'ROWS', 'FEATURES', 'MASKED'],
  grid: ({ ROWS, FEATURES }) => elementGrid(ROWS * FEATURES),
});
