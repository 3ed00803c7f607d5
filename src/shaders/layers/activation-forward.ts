import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './activation-forward.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';

/** Applies an activation to every element. */
export const activationForward = defineKernel({
  name: 'activation-forward',
  source,
  preludes: [nan, grid, activations],
  bindings: { z: 'read', y: 'read-write' },
  constants: ['ELEMENTS', 'ACTIVATION'],
  sizes: ['ELEMENTS'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
