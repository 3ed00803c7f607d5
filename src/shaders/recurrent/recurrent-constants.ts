import { struct, u32 } from '../../runtime/struct.ts';

/** The override constants of `prelude/recurrent.wgsl`, which every recurrent kernel has. */
export const RECURRENT_CONSTANTS = [
  'ROWS',
  'UNITS',
  'RECURRENT_ROW',
  'STEPS',
  'RETURN_SEQUENCES',
  'BACKWARDS',
  'MASKED',
  'ZERO_OUTPUT',
  'CONTINUES_OUTPUT',
  'RECURRENT_DROPOUT',
  'SAVE_FOR_BACKWARD',
  'FUSED_STEPS',
  'THREADS',
] as const;

/** Those that general kernels read as data. */
export const RECURRENT_SIZES = ['ROWS', 'UNITS', 'RECURRENT_ROW', 'STEPS'] as const;

/** The steps that one dispatch computes: the struct of `prelude/recurrent.wgsl`. */
export const timeChunkStruct = struct('TimeChunk', { first: u32, count: u32 });
