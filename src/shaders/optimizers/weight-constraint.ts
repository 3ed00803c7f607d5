import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './weight-constraint.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';

/** Projects a weight onto its constraint after a step of the optimizer. */
export const weightConstraint = defineKernel({
  name: 'weight-constraint',
  source,
  preludes: [nan, grid],
  bindings: { parameters: 'read-write' },
  constants: ['FIRST', 'ROWS', 'COLUMNS', 'KIND', 'LOWEST', 'LARGEST', 'RATE'],
  sizes: ['FIRST', 'ROWS', 'COLUMNS'],
  grid: ({ COLUMNS }) => elementGrid(COLUMNS),
});
