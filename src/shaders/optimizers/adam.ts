import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './adam.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Applies a step of Adam to the flat parameters, or of its variant AMSGrad, whose second moment never decreases. */
export const adamStep = defineKernel({
  name: 'adam',
  source,
  preludes: [nan, grid, update],
  bindings: { update: 'frame', gradient: 'read', parameters: 'read-write', moments: 'read-write' },
  fixedLengths: 'all',
  constants: ['ELEMENTS', 'ONE_MINUS_BETA1', 'ONE_MINUS_BETA2', 'EPSILON', 'AMSGRAD'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
