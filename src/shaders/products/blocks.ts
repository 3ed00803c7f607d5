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

/** Rows and columns of a block. */
export const BLOCK = 4;
