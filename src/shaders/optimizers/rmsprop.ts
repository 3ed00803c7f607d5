import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './rmsprop.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Applies a step of RMSprop to the flat parameters, with momentum, and centered if asked for. */
export const rmspropStep = defineKernel({
  name: 'rmsprop',
  source,
  preludes: [nan, grid, update],
  bindings: { update: 'frame', gradient: 'read', parameters: 'read-write', moments: 'read-write' },
  fixedLengths: 'all',
  constants: ['ELEMENTS', 'ONE_MINUS_RHO', 'MOMENTUM', 'EPSILON', 'CENTERED'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
