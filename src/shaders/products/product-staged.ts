import { defineKernel, tileGrid } from '../../runtime/kernel.ts';
import { BLOCK, BLOCK_BINDINGS, BLOCK_CONSTANTS } from './blocks.ts';
import numbers from '../prelude/elements-numbers.wgsl?raw';
import blocks from '../prelude/blocks.wgsl?raw';
import source from './product-staged.wgsl?raw';

/** The product of two matrices, staged in workgroup memory: for a GPU that has such memory close to its cores. */
export const productStaged = defineKernel({
  name: 'product-staged',
  source,
  preludes: [numbers, blocks],
  bindings: BLOCK_BINDINGS,
  fixedLengths: 'all',
  constants: [...BLOCK_CONSTANTS, 'EDGE'],
  grid: ({ ROWS, COLUMNS, EDGE }) => tileGrid(ROWS, COLUMNS, 2 * BLOCK * EDGE),
});
