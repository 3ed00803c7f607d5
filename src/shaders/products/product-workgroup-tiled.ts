import { defineKernel, tileGrid } from '../../runtime/kernel.ts';
import { BLOCK, BLOCK_BINDINGS, BLOCK_CONSTANTS } from './blocks.ts';
import scalars from './load-scalars.wgsl?raw';
import blocks from './blocks.wgsl?raw';
import source from './product-workgroup-tiled.wgsl?raw';

/** Product of two matrices by tiles in workgroup memory, for GPUs that have such memory on chip. */
export const productWorkgroupTiled = defineKernel({
  name: 'product-workgroup-tiled',
  source,
  preludes: [scalars, blocks],
  bindings: BLOCK_BINDINGS,
  fixedLengths: 'all',
  constants: [...BLOCK_CONSTANTS, 'EDGE'],
  grid: ({ ROWS, COLUMNS, EDGE }) => tileGrid(ROWS, COLUMNS, 2 * BLOCK * EDGE),
});
