import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './dropout.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import random from '../prelude/random.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/**
 * Sets a random fraction of the elements to zero and scales the others up. The backward pass runs the same kernel on gradients:
 * with the seed of the same update it drops the same elements.
 */
export const dropElements = defineKernel({
  name: 'dropout',
  source,
  preludes: [grid, random, update],
  bindings: { update: 'frame', input: 'read', output: 'read-write' },
  constants: ['ELEMENTS', 'DISTINCT', 'FIRST', 'STREAM', 'RATE', 'SCALE', 'ADD'],
  sizes: ['ELEMENTS', 'DISTINCT', 'FIRST', 'STREAM'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
