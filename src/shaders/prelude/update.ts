import { f32, struct, u32 } from '../../runtime/struct.ts';

// The structs of `prelude/update.wgsl`, whose comments tell what the fields mean.

/** An entry of the agenda: the rows of one update and the numbers of its optimizer step. */
export const updateStruct = struct('Update', {
  first_row: u32,
  row_count: u32,
  journal_row: u32,
  seed: u32,
  step_size: f32,
  learning_rate: f32,
  accumulating: f32,
});

/** One row of a batch. */
export const rowStruct = struct('Row', { sample: u32, slot: u32, reset: u32, first_step: u32 });
