import { BLOCK, BLOCK_BINDINGS, BLOCK_CONSTANTS, BLOCK_SIZES } from './blocks.ts';
import { inEachLoadWidth } from './load-width.ts';
import blocks from './blocks.wgsl?raw';
import source from './product-register-tiled.wgsl?raw';
import { inEachLoading } from '../quads.ts';

/** Blocks side by side in a strip of the register tile. */
export const STRIP_BLOCKS = 2;

const each = inEachLoadWidth({
  name: 'product-register-tiled',
  source,
  preludes: [blocks],
  bindings: BLOCK_BINDINGS,
  fixedLengths: 'all',
  constants: [...BLOCK_CONSTANTS, 'STRIPS', 'WIDE', 'HIGH'],
  sizes: BLOCK_SIZES,
  // All threads of a workgroup have the same rows, as loading in quads needs.
  generalConstants: () => ({ WIDE: 8, HIGH: 1 }),
  grid: ({ ROWS, COLUMNS, STRIPS, WIDE, HIGH }) => [
    Math.ceil(COLUMNS / (BLOCK * STRIP_BLOCKS * WIDE)),
    Math.ceil(ROWS / (BLOCK * STRIPS * HIGH)),
    1,
  ],
});

/** Product of two matrices by large register tiles. */
export const productRegisterTiled = { scalars: inEachLoading(each.scalars), vectors: inEachLoading(each.vectors) };
