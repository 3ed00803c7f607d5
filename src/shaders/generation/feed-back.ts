import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './feed-back.wgsl?raw';
import draw from './draw.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Makes the last output of each row its next input, or the newest part of it. */
export const feedBack = defineKernel({
  name: 'feed-back',
  source,
  preludes: [grid, update, draw],
  bindings: {
    update: 'frame',
    slots: 'read',
    inputs: 'read',
    draws: 'read-write',
    values: 'read-write',
    x: 'read-write',
  },
  constants: ['OUTPUTS', 'INPUTS'],
  // The number of rows is no constant, so whoever adds the kernel to a plan gives the grid.
  grid: () => elementGrid(1),
});
