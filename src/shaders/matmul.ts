import { defineKernel, tileGrid } from '../runtime/kernel.ts';
import source from './matmul.wgsl?raw';

/** Rows and columns of the result that one workgroup works out: 8 × 8 invocations with 4 × 4 elements each. */
const TILE = 32;

/** The product of two matrices, the second one transposed or followed by a bias row if asked for. */
export const matmul = defineKernel({
  name: 'matmul',
  source,
  bindings: { a: 'read', b: 'read', out: 'read-write' },
  constants: ['ROWS', 'COLUMNS', 'INNER', 'WIDTH', 'FIRST', 'STRIDE', 'TRANSPOSE_B', 'ADD_BIAS'],
  grid: ({ ROWS, COLUMNS }) => tileGrid(ROWS, COLUMNS, TILE),
});

/** Rows of x, columns of x, and columns of the weights. */
interface Sizes {
  ROWS: number;
  INPUTS: number;
  WIDTH: number;
}

/** Some columns of the weights: COUNT of them, every STRIDE-th from FIRST on. */
export interface ColumnChoice {
  FIRST: number;
  COUNT: number;
  STRIDE: number;
}

/** The constants of x · weights + bias, over all columns of the weights or some. */
export function timesWeights({ ROWS, INPUTS, WIDTH }: Sizes, columns: ColumnChoice = allOf(WIDTH)) {
  const { FIRST, COUNT, STRIDE } = columns;
  return { ROWS, COLUMNS: COUNT, INNER: INPUTS, WIDTH, FIRST, STRIDE, TRANSPOSE_B: 0, ADD_BIAS: 1 };
}

/** The constants of the gradient of x: that of the product, over the same columns, times the weights transposed. */
export function timesTransposed({ ROWS, INPUTS, WIDTH }: Sizes, columns: ColumnChoice = allOf(WIDTH)) {
  const { FIRST, COUNT, STRIDE } = columns;
  return { ROWS, COLUMNS: INPUTS, INNER: COUNT, WIDTH, FIRST, STRIDE, TRANSPOSE_B: 1, ADD_BIAS: 0 };
}

const allOf = (WIDTH: number): ColumnChoice => ({ FIRST: 0, COUNT: WIDTH, STRIDE: 1 });
