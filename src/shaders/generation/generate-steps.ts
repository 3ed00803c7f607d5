import { defineKernel } from '../../runtime/kernel.ts';
import source from './generate-steps.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import draw from './draw.wgsl?raw';
import layerStep from './layer-step.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import random from '../prelude/random.wgsl?raw';
import sample from './sample-class.wgsl?raw';

/** Generates steps of a small model, one after the other, each row inside one workgroup. */
export const generateSteps = defineKernel({
  name: 'generate-steps',
  source,
  preludes: [nan, random, activations, layerStep, draw, sample],
  bindings: {
    layers: 'read',
    weights: 'read',
    states: 'read-write',
    draws: 'read-write',
    results: 'read-write',
  },
  isSpecialized: true,
  constants: ['THREADS', 'VALUES', 'SUMS', 'DRAWS'],
  // The number of rows is no constant, so whoever adds the kernel to a plan gives the grid.
  grid: () => [1, 1, 1],
});
