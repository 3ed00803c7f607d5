import { defineKernel, tileGrid } from '../runtime/kernel.ts';
import source from './weight-gradient.wgsl?raw';

/** Rows and columns of the gradient that one workgroup works out: 8 × 8 invocations with 4 × 4 elements each. */
const TILE = 32;

/** The gradient of all weights of a layer (kernel, bias, recurrent kernel) over all rows and steps at once. */
export const weightGradient = defineKernel({
  name: 'weight-gradient',
  source,
  bindings: { input: 'read', hidden: 'read', d: 'read', d_hidden: 'read', gradient: 'read-write' },
  constants: [
    'SAMPLES',
    'INPUTS',
    'UNITS',
    'COLUMNS',
    'BIASES',
    'BIAS_FACTOR',
    'REVERSED',
    'STEP_ROWS',
    'FIRST',
    'COUNT',
    'STRIDE',
  ],
  grid: ({ INPUTS, BIASES, UNITS, COUNT }) => tileGrid(INPUTS + BIASES + UNITS, COUNT, TILE),
});

/** The constants of an ordinary layer: one bias, all columns at once, hidden in the order of the input. */
export function plainGradient(sizes: { SAMPLES: number; INPUTS: number; UNITS: number; COLUMNS: number }) {
  return { ...sizes, BIASES: 1, BIAS_FACTOR: 1, REVERSED: 0, STEP_ROWS: 1, FIRST: 0, COUNT: sizes.COLUMNS, STRIDE: 1 };
}
