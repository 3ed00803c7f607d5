import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './activation-backward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';

/** Computes the gradient of the input of an activation from its output and the gradient of that. */
export const activationBackward = defineKernel({
  name: 'activation-backward',
  source,
  preludes: [nan, grid, activations],
  bindings: { y: 'read', dy: 'read', dz: 'read-write' },
  constants: ['ELEMENTS', 'ACTIVATION'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
