import { defineKernel, tileGrid } from '../runtime/kernel.ts';
import source from './matmul.wgsl?raw';

/** Rows and columns of the result that one workgroup works out: 8 × 8 invocations with 4 × 4 elements each. */
const TILE = 32;

/** The product of two matrices, the second one transposed or followed by a bias row if asked for. */
export const matmul = defineKernel({
  name: 'matmul',
  source,
  bindings: { a: 'read', b: 'read', out: 'read-write' },
  constants: ['ROWS', 'COLUMNS', 'INNER', 'TRANSPOSE_B', 'ADD_BIAS'],
  grid: ({ ROWS, COLUMNS }) => tileGrid(ROWS, COLUMNS, TILE),
});
