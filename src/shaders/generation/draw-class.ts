import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './draw-class.wgsl?raw';
import draw from './draw.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import random from '../prelude/random.wgsl?raw';
import sample from './sample-class.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Draws a class from the last output of each row and makes it the next input. */
export const drawClass = defineKernel({
  name: 'draw-class',
  source,
  preludes: [grid, nan, random, update, draw, sample],
  bindings: {
    update: 'frame',
    slots: 'read',
    draws: 'read-write',
    classes: 'read-write',
    x: 'read-write',
  },
  constants: ['CLASSES', 'ONE_HOT'],
  // The number of rows is no constant, so whoever adds the kernel to a plan gives the grid.
  grid: () => elementGrid(1),
});
