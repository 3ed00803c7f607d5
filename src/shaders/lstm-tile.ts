/** Units of an invocation's tile: TILE_UNITS of `prelude/lstm-forward-tile.wgsl` and `prelude/lstm-backward-tile.wgsl`. */
export const LSTM_TILE_UNITS = { forward: 2, backward: 4 } as const;
