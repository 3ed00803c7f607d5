import type { Grid } from '../../runtime/kernel.ts';
import { struct, u32 } from '../../runtime/struct.ts';

/** The override constants that every kernel of a stack of LSTM layers has. */
export const WAVEFRONT_CONSTANTS = [
  'LAYERS',
  'ROWS',
  'UNITS',
  'STEPS',
  'RETURN_SEQUENCES',
  'LAYER_STATES',
  'SAVE_FOR_BACKWARD',
  'THREADS',
  'TILE_ROWS',
  'UNROLLED_CELLS',
  'ACTIVATION',
  'RECURRENT_ACTIVATION',
] as const;

/** Those that depend on the batch size or the number of steps. */
export const WAVEFRONT_SIZES = ['ROWS', 'STEPS', 'LAYER_STATES'] as const;

/** The layers and steps that a dispatch computes: the struct of `lstm/wavefront.wgsl`. */
export const diagonalStruct = struct('Diagonal', { sum: u32, first_layer: u32 });

type Sizes = Record<(typeof WAVEFRONT_CONSTANTS)[number], number>;

/** The grid of a diagonal that crosses all layers; a shorter one needs fewer workgroups in z. */
export function wavefrontGrid({ LAYERS, ROWS, UNITS, THREADS, TILE_ROWS }: Sizes, tileUnits: number): Grid {
  return [Math.ceil(UNITS / (tileUnits * THREADS)), Math.ceil(ROWS / TILE_ROWS), LAYERS];
}
