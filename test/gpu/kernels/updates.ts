import { StructArray } from '../../../src/runtime/struct.ts';
import { rowStruct, updateStruct } from '../../../src/shaders/prelude/update.ts';
import { frames } from '../run-kernel.ts';

/** Fields of the struct Update, by default 0. */
export type Update = Partial<Record<keyof typeof updateStruct.fields, number>>;

const ZERO = {
  first_row: 0,
  row_count: 0,
  journal_row: 0,
  seed: 0,
  step_size: 0,
  learning_rate: 0,
  accumulating: 0,
};

/** One update as a frame. */
export const update = (fields: Update) => frames(updateStruct, { ...ZERO, ...fields });

/** Rows of a batch as structs Row. */
export function rowsOf(rows: readonly { sample?: number; slot?: number; reset?: boolean }[]): Uint32Array {
  const structs = new StructArray(rowStruct, rows.length);
  rows.forEach(({ sample = 0, slot = 0, reset = false }, index) =>
    structs.write(index, { sample, slot, reset: Number(reset), first_step: 0 }),
  );
  return structs.first(rows.length);
}
