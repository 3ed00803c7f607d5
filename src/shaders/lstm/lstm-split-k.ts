import type { Constants, Grid } from '../../runtime/kernel.ts';

/** Rows whose factors lie in a vector of workgroup memory: a tile has a multiple of them. */
export const ROW_QUAD = 4;

/**
 * The most rows of a tile: their sums take 64 registers of a thread in the forward pass. In the backward pass those of as many
 * rows would leave too few for dz and the weights of four units (128 registers, as Mesa's compiler for RDNA 2 reports).
 */
export const SPLIT_K_ROWS = { forward: 4 * ROW_QUAD, backward: 2 * ROW_QUAD } as const;

/** One workgroup for each tile of units and rows. */
export const splitKGrid = ({
  ROWS,
  UNITS,
  TILE_UNITS,
  ROW_QUADS,
}: Constants<'ROWS' | 'UNITS' | 'TILE_UNITS' | 'ROW_QUADS'>): Grid => [
  Math.ceil(UNITS / TILE_UNITS),
  Math.ceil(ROWS / (ROW_QUAD * ROW_QUADS)),
  1,
];
