import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './activity-gradient.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Adds the gradient of the penalty on a layer's outputs to the gradient of these outputs. */
export const activityGradient = defineKernel({
  name: 'activity-gradient',
  source,
  preludes: [nan, grid, update],
  bindings: { update: 'frame', values: 'read', gradient: 'read-write' },
  constants: ['ELEMENTS', 'ROWS', 'FEATURES', 'L1', 'L2'],
  sizes: ['ELEMENTS', 'ROWS', 'FEATURES'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
