import type { Frame } from '../run-kernel.ts';

/** The struct Update of `prelude/update.wgsl`. */
export interface Update {
  firstRow?: number;
  rowCount?: number;
  journalRow?: number;
  stepSize?: number;
}

/** One update as a frame. */
export function update({ firstRow = 0, rowCount = 0, journalRow = 0, stepSize = 0 }: Update): readonly [Frame] {
  return [{ wholes: [firstRow, rowCount, journalRow, 0], floats: [stepSize] }];
}

/** Updates as a kernel reads them that walks through the frames itself: 256 bytes apart. */
export function updatesInStorage(updates: readonly Update[]): Uint32Array {
  const words = new Uint32Array(updates.length * 64);
  const floats = new Float32Array(words.buffer);
  updates.forEach(({ firstRow = 0, rowCount = 0, journalRow = 0, stepSize = 0 }, index) => {
    words.set([firstRow, rowCount, journalRow], index * 64);
    floats[index * 64 + 4] = stepSize;
  });
  return words;
}

/** Rows of a batch as structs Row of `prelude/update.wgsl`. */
export function rowsOf(rows: readonly { sample?: number; slot?: number; fromZero?: boolean }[]): Uint32Array {
  return Uint32Array.from(
    rows.flatMap(({ sample = 0, slot = 0, fromZero = false }) => [sample, slot, Number(fromZero), 0]),
  );
}
