import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './sgd.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Applies a step of gradient descent to the flat parameters, with momentum or Nesterov momentum if asked for. */
export const sgdStep = defineKernel({
  name: 'sgd',
  source,
  preludes: [grid, update],
  bindings: { update: 'frame', gradient: 'read', parameters: 'read-write', moments: 'read-write' },
  fixedLengths: 'all',
  constants: ['ELEMENTS', 'MOMENTUM', 'NESTEROV'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
