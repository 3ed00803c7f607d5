import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './last-step.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Selects the last unmasked step of every sequence, or zeros if all its steps are masked. */
export const takeLastStep = defineKernel({
  name: 'last-step',
  source,
  preludes: [grid],
  bindings: { mask: 'read', input: 'read', output: 'read-write' },
  constants: ['STEPS', 'ROWS', 'FEATURES', 'MASKED'],
  sizes: ['STEPS', 'ROWS', 'FEATURES'],
  grid: ({ ROWS, FEATURES }) => elementGrid(ROWS * FEATURES),
});
