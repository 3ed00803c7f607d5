import type { Constants, Grid } from '../../runtime/kernel.ts';

/** The constants that both kernels have besides those of all recurrent layers. */
export const PERSISTENT_CONSTANTS = [
  'ACTIVATION',
  'RECURRENT_ACTIVATION',
  'TILE_ROWS',
  'SLICES',
  'CELLS',
  'TERMS',
] as const;

/** One workgroup for each tile of rows. */
export const persistentGrid = ({ ROWS, TILE_ROWS }: Constants<'ROWS' | 'TILE_ROWS'>): Grid => [
  1,
  Math.ceil(ROWS / TILE_ROWS),
  1,
];
