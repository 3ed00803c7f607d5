// Sizes, diagonal and memory layout, shared by the kernels of a stack of LSTM layers.
override LAYERS: u32;
override ROWS: u32;
override UNITS: u32;
override STEPS: u32;
override RETURN_SEQUENCES: u32;   // applies to the highest layer; all others return sequences
override LAYER_STATES: u32;       // stride between the states h, or c, of adjacent layers
override SAVE_FOR_BACKWARD: u32;  // 1: states of all steps are stored for the backward pass
override THREADS: u32;

// A diagonal holds step t of layer l for all t + l = `sum`. Workgroups in z are its layers, from `first_layer` on.
struct Diagonal {
  sum: u32,
  first_layer: u32,
}

// Index of the first unit of a row of h or c before step t. Without SAVE_FOR_BACKWARD the initial states are followed by two
// buffers, in which the states of later steps alternate.
fn state_index(layer: u32, t: u32, row: u32) -> u32 {
  let buffered = select(1 + (t + 1) % 2, 0, t == 0);
  return layer * LAYER_STATES + (select(buffered, t, SAVE_FOR_BACKWARD == 1) * ROWS + row) * UNITS;
}

// Index of the first unit of a row of the gates, or of their gradient.
fn gates_index(layer: u32, t: u32, row: u32) -> u32 {
  return ((layer * STEPS + t) * ROWS + row) * UNITS;
}
