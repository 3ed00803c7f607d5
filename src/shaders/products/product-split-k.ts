import { BLOCK, BLOCK_BINDINGS, BLOCK_CONSTANTS } from './blocks.ts';
import { inEachLoadWidth } from './load-width.ts';
import blocks from './blocks.wgsl?raw';
import source from './product-split-k.wgsl?raw';

/** Split-K product of two matrices, for products with few elements; with SPLITS 1 it is an ordinary product by blocks. */
export const productSplitK = inEachLoadWidth({
  name: 'product-split-k',
  source,
  preludes: [blocks],
  bindings: BLOCK_BINDINGS,
  fixedLengths: 'all',
  constants: [...BLOCK_CONSTANTS, 'SPLITS', 'WIDE', 'HIGH'],
  // All products share one general kernel, which compiles for twice as long as one that knows its strides, but once.
  sizes: BLOCK_CONSTANTS,
  generalConstants: ({ SPLITS }) => generalGroup(SPLITS),
  grid: ({ ROWS, COLUMNS, WIDE, HIGH }) => [Math.ceil(COLUMNS / (BLOCK * WIDE)), Math.ceil(ROWS / (BLOCK * HIGH)), 1],
});

/** The workgroup of the general kernel, with up to 64 threads, for 1, 4, 16 or 64 splits. */
function generalGroup(SPLITS: number): { WIDE: number; HIGH: number } {
  const edge = SPLITS <= 4 ? 4 : 8 / Math.sqrt(SPLITS);
  return { WIDE: edge, HIGH: edge };
}
