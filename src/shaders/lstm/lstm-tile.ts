/** Units of an invocation's tile: TILE_UNITS of `lstm/lstm-forward-tile.wgsl` and `lstm/lstm-backward-tile.wgsl`. */
export const LSTM_TILE_UNITS = { forward: 2, backward: 4 } as const;

/** Cells whose update the kernels unroll: those of a tile on a GPU, none on a software adapter. */
export function unrolledCells(
  { isSoftware }: { isSoftware: boolean },
  tileRows: number,
  pass: keyof typeof LSTM_TILE_UNITS,
): number {
  return isSoftware || tileRows === 1 ? 0 : tileRows * LSTM_TILE_UNITS[pass];
}
