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
  'RECURRENT_DROPOUT',
  'SAVE_FOR_BACKWARD',
  'FUSED_STEPS',
  'THREADS',
] as const;
