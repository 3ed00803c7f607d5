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

fn update_cell(t: u32, row: u32, unit: u32, sums: vec4f) {
  let time = input_step(t);
  let cell = state_index(t, row) + unit;
  let next_cell = state_index(t + 1, row) + unit;
  let gate_index = (time * ROWS + row) * UNITS + unit;
  let state_is_reset = resets_state(time, row);
  let old_c = select(c[cell], 0.0, state_is_reset);

  if (is_masked(time, row)) {
    let old_h = select(h[cell], 0.0, state_is_reset);
    h[next_cell] = old_h;
    c[next_cell] = old_c;
    write_masked_output(t, row, unit, old_h);
    return;
  }

  // A layer with resets has INPUTS 0, so the sums are products of h alone, which a reset makes zero.
  let activated = activated_gates(input_gates(gate_index) + select(sums, vec4f(), state_is_reset));
  let new_c = next_c(activated, old_c);
  let new_h = next_h(activated, new_c);

  c[next_cell] = new_c;
  h[next_cell] = new_h;
  if (SAVE_FOR_BACKWARD == 1) {
    gates[gate_index] = activated;
  }
  write_output(t, row, unit, new_h);
}
