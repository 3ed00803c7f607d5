/** Bindings of all kernels of matrix products, declared by blocks.wgsl and by load-scalars.wgsl or load-vectors.wgsl. */
export const BLOCK_BINDINGS = { a: 'read', b: 'read', out: 'read-write' } as const;

/** Override constants of `products/blocks.wgsl`. */
export const BLOCK_CONSTANTS = [
  'ROWS',
  'INNER',
  'COLUMNS',
  'A_FIRST',
  'A_ROW',
  'A_COLUMN',
  'B_FIRST',
  'B_ROW',
  'B_COLUMN',
  'OUT_FIRST',
  'OUT_ROW',
  'OUT_COLUMN',
  'ADD_BIAS',
] as const;

/**
 * Those that depend on the batch size or the number of steps: the rows of a forward product are steps of rows of the batch, and
 * the gradient of weights sums over them.
 */
export const BLOCK_SIZES = ['ROWS', 'INNER', 'A_FIRST', 'B_FIRST', 'OUT_FIRST'] as const;

/** Rows and columns of a block. */
export const BLOCK = 4;
