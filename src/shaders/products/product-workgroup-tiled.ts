import { BLOCK, BLOCK_BINDINGS, BLOCK_CONSTANTS } from './blocks.ts';
import blocks from './blocks.wgsl?raw';
import { inEachLoadWidth } from './load-width.ts';
import source from './product-workgroup-tiled.wgsl?raw';

/** Product of two matrices by tiles in workgroup memory, for GPUs that have such memory on chip. */
export const productWorkgroupTiled = inEachLoadWidth({
  name: 'product-workgroup-tiled',
  source,
  preludes: [blocks],
  bindings: BLOCK_BINDINGS,
  fixedLengths: 'all',
  isSpecialized: true,
  constants: [...BLOCK_CONSTANTS, 'EDGE', 'HIGH', 'WIDE', 'DEPTH'],
  grid: ({ ROWS, COLUMNS, EDGE, HIGH, WIDE }) => [
    Math.ceil(COLUMNS / (BLOCK * EDGE * WIDE)),
    Math.ceil(ROWS / (BLOCK * EDGE * HIGH)),
    1,
  ],
});
