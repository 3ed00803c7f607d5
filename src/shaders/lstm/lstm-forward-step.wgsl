// End of a step in the forward pass of an LSTM, for one unit of one row: from its sums to its gates, its new state and its
// output. Kernels that include this bind `mask`, `h`, `c`, `gates` and `output`.
override INPUTS: u32;   // features whose input product the kernel computes; 0: gates holds the product

// The input gates if an earlier dispatch computed them; otherwise `sums` already includes them.
fn input_gates(offset: u32) -> vec4f {
  if (INPUTS > 0) {
    return vec4f();
  }
  return gates[offset];
}

// Offset in gates of a unit of a row in step t.
fn gates_of_step(t: u32, row: u32, unit: u32) -> u32 {
  return (input_step(t) * ROWS + row) * UNITS + unit;
}

struct CellState {
  h: f32,
  c: f32,
}

fn store_state(t: u32, row: u32, unit: u32, state: CellState) {
  let cell = state_index(t, row) + unit;
  h[cell] = state.h;
  c[cell] = state.c;
}

// Takes a unit of a row through step t: writes its gates and its output, and gives the state after the step. `before` is the
// state before it, whose h is read only with MASKED; `input` are the input gates, unless `sums` already includes them.
fn step_cell(t: u32, row: u32, unit: u32, input: vec4f, sums: vec4f, before: CellState) -> CellState {
  let time = input_step(t);
  let state_is_reset = resets_state(time, row);
  let old_c = select(before.c, 0.0, state_is_reset);
  if (is_masked(time, row)) {
    let old_h = select(before.h, 0.0, state_is_reset);
    write_masked_output(t, row, unit, old_h);
    return CellState(old_h, old_c);
  }

  // A layer with resets has INPUTS 0, so the sums are products of h alone, which a reset makes zero.
  let activated = activated_gates(input + select(sums, vec4f(), state_is_reset));
  let new_c = next_c(activated, old_c);
  let new_h = next_h(activated, new_c);
  if (SAVE_FOR_BACKWARD == 1) {
    gates[gates_of_step(t, row, unit)] = activated;
  }
  write_output(t, row, unit, new_h);
  return CellState(new_h, new_c);
}

// The state before step t of a unit, as stored.
fn stored_state(t: u32, row: u32, unit: u32) -> CellState {
  let cell = state_index(t, row) + unit;
  var state = CellState(0.0, c[cell]);
  if (MASKED == 1) {
    state.h = h[cell];
  }
  return state;
}

// The same from a stored state to the next one.
fn update_cell(t: u32, row: u32, unit: u32, sums: vec4f) {
  let input = input_gates(gates_of_step(t, row, unit));
  store_state(t + 1, row, unit, step_cell(t, row, unit, input, sums, stored_state(t, row, unit)));
}
