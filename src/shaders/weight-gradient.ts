import { defineKernel, tileGrid } from '../runtime/kernel.ts';
import source from './weight-gradient.wgsl?raw';

/** Rows and columns of the gradient that one workgroup works out: 8 × 8 invocations with 4 × 4 elements each. */
const TILE = 32;

/** The gradient of all weights of a layer (kernel, bias, recurrent kernel) over all rows and steps at once. */
export const weightGradient = defineKernel({
  name: 'weight-gradient',
  source,
  bindings: { input: 'read', hidden: 'read', d: 'read', gradient: 'read-write' },
  constants: ['SAMPLES', 'INPUTS', 'UNITS', 'COLUMNS'],
  grid: ({ INPUTS, UNITS, COLUMNS }) => tileGrid(INPUTS + 1 + UNITS, COLUMNS, TILE),
});
