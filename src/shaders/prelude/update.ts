import { struct, u32 } from '../../runtime/struct.ts';

/** One row of a batch, as `prelude/update.wgsl` declares it. */
export const rowStruct = struct('Row', { sample: u32, slot: u32, reset: u32, first_step: u32 });
