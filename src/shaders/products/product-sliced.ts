import { BLOCK, BLOCK_BINDINGS, BLOCK_CONSTANTS } from './blocks.ts';
import { inEachElements } from './elements.ts';
import blocks from '../prelude/blocks.wgsl?raw';
import source from './product-sliced.wgsl?raw';

/** The product of two matrices, each sum in slices, or in one, for a result with few elements. */
export const productInSlices = inEachElements({
  name: 'product-sliced',
  source,
  preludes: [blocks],
  bindings: BLOCK_BINDINGS,
  fixedLengths: 'all',
  constants: [...BLOCK_CONSTANTS, 'SLICES', 'WIDE', 'HIGH'],
  grid: ({ ROWS, COLUMNS, WIDE, HIGH }) => [Math.ceil(COLUMNS / (BLOCK * WIDE)), Math.ceil(ROWS / (BLOCK * HIGH)), 1],
});
