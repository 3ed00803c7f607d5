import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './weight-decay.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Shrinks the weights before the optimizer's step, independently of their gradient. */
export const weightDecay = defineKernel({
  name: 'weight-decay',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', parameters: 'read-write' },
  constants: ['ELEMENTS', 'WEIGHT_DECAY'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
