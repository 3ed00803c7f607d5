import { StructArray } from '../../../src/runtime/struct.ts';
import { rowStruct } from '../../../src/shaders/prelude/update.ts';
import type { Frame } from '../run-kernel.ts';

/** The struct Update of `prelude/update.wgsl`. */
export interface Update {
  firstRow?: number;
  rowCount?: number;
  journalRow?: number;
  stepSize?: number;
  /** Of Adam. */
  oneMinusBeta1?: number;
  oneMinusBeta2?: number;
  epsilon?: number;
}

/** Words of the struct. */
const WORDS = 10;

/** One update as a frame. */
export function update({ firstRow = 0, rowCount = 0, journalRow = 0, stepSize = 0 }: Update): readonly [Frame] {
  return [{ wholes: [firstRow, rowCount, journalRow, 0], floats: [stepSize] }];
}

/** Updates as a kernel reads them that walks through them itself. */
export function updatesInStorage(updates: readonly Update[]): Uint32Array {
  const words = new Uint32Array(updates.length * WORDS);
  const floats = new Float32Array(words.buffer);
  updates.forEach((update, index) => {
    const { firstRow = 0, rowCount = 0, journalRow = 0, stepSize = 0 } = update;
    const { oneMinusBeta1 = 0, oneMinusBeta2 = 0, epsilon = 0 } = update;
    words.set([firstRow, rowCount, journalRow], index * WORDS);
    floats.set([stepSize, 0, 0, oneMinusBeta1, oneMinusBeta2, epsilon], index * WORDS + 4);
  });
  return words;
}

/** Rows of a batch as structs Row of `prelude/update.wgsl`. */
export function rowsOf(rows: readonly { sample?: number; slot?: number; reset?: boolean }[]): Uint32Array {
  const structs = new StructArray(rowStruct, rows.length);
  rows.forEach(({ sample = 0, slot = 0, reset = false }, index) =>
    structs.write(index, { sample, slot, reset: Number(reset), first_step: 0 }),
  );
  return structs.first(rows.length);
}
