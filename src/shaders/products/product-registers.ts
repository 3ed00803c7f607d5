import { BLOCK, BLOCK_BINDINGS, BLOCK_CONSTANTS } from './blocks.ts';
import { inEachElements } from './elements.ts';
import blocks from '../prelude/blocks.wgsl?raw';
import source from './product-registers.wgsl?raw';
import { inEachLoading } from '../quads.ts';

/** Blocks beside each other in a strip. */
const STRIP_BLOCKS = 2;

const each = inEachElements({
  name: 'product-registers',
  source,
  preludes: [blocks],
  bindings: BLOCK_BINDINGS,
  fixedLengths: 'all',
  constants: [...BLOCK_CONSTANTS, 'STRIPS', 'WIDE', 'HIGH'],
  grid: ({ ROWS, COLUMNS, STRIPS, WIDE, HIGH }) => [
    Math.ceil(COLUMNS / (BLOCK * STRIP_BLOCKS * WIDE)),
    Math.ceil(ROWS / (BLOCK * STRIPS * HIGH)),
    1,
  ],
});

/** The product of two matrices, each invocation with a large tile of sums in registers. */
export const productInRegisters = { numbers: inEachLoading(each.numbers), vectors: inEachLoading(each.vectors) };
