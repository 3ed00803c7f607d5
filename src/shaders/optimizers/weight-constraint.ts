import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './weight-constraint.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';

/** Brings a weight back to where it may be, after a step. */
export const weightConstraint = defineKernel({
  name: 'weight-constraint',
  source,
  preludes: [nan, grid],
  bindings: { parameters: 'read-write' },
  constants: ['FIRST', 'ROWS', 'COLUMNS', 'KIND', 'LOWEST', 'LARGEST', 'RATE'],
  grid: ({ COLUMNS }) => elementGrid(COLUMNS),
});
