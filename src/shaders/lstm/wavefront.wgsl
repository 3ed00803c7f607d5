// What the kernels of a stack of LSTM layers share: its sizes, the diagonal of a dispatch, and where things lie.
override LAYERS: u32;
override ROWS: u32;
override UNITS: u32;
override STEPS: u32;
override RETURN_SEQUENCES: u32;   // of the highest layer; the others give sequences to the one above
override LAYER_STATES: u32;       // from where h or c of a layer begins to where that of the next one does
override SAVE_FOR_BACKWARD: u32;            // 1: states of all steps are kept, since a backward pass follows
override THREADS: u32;

// The steps whose number and layer add up to `sum`, of layers from `first_layer` on, one for each workgroup in z.
struct Diagonal {
  sum: u32,
  first_layer: u32,
}

// Where a row of h or c before a step begins. Without SAVE_FOR_BACKWARD those of two steps take turns, behind the initial ones.
fn state_index(layer: u32, t: u32, row: u32) -> u32 {
  let in_turn = select(1 + (t + 1) % 2, 0, t == 0);
  return layer * LAYER_STATES + (select(in_turn, t, SAVE_FOR_BACKWARD == 1) * ROWS + row) * UNITS;
}

// Where a row of gates of a step begins, or of their gradient.
fn gates_index(layer: u32, t: u32, row: u32) -> u32 {
  return ((layer * STEPS + t) * ROWS + row) * UNITS;
}
