import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import source from './step-marks.wgsl?raw';

/** A mask with the steps marked before which states start from zero, as the kernels of recurrent layers read it. */
export const stepMarks = defineKernel({
  name: 'step-marks',
  source,
  preludes: [grid],
  bindings: { mask: 'read', continues: 'read', marks: 'read-write' },
  constants: ['ELEMENTS', 'MASKED'],
  grid: ({ ELEMENTS }) => elementGrid(ELEMENTS),
});
