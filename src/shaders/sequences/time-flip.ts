import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import source from './time-flip.wgsl?raw';

/** Reverses the order of time. */
export const timeFlip = defineKernel({
  name: 'time-flip',
  source,
  preludes: [grid],
  bindings: { input: 'read', output: 'read-write' },
  constants: ['STEPS', 'ELEMENTS'],
  sizes: ['STEPS', 'ELEMENTS'],
  grid: ({ STEPS, ELEMENTS }) => elementGrid(STEPS * ELEMENTS),
});
