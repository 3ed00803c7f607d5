// End of a step in the backward pass of an LSTM, for one unit of one row: from the gradient of its h to that of its
// pre-activations and of its c. Kernels that include this bind `mask`, `gates`, `c`, `output_gradient` and `carry`.

// Offset in gates of dz of the step after t.
fn next_dz(t: u32) -> u32 {
  return input_step(t + 1) * ROWS * UNITS;
}

// `from_next` is the gradient of h by the recurrent weights, from the step after t.
fn update_gradient(t: u32, row: u32, unit: u32, from_next: f32) {
  let time = input_step(t);
  let cell = (t * ROWS + row) * UNITS + unit;
  let next_cell = cell + ROWS * UNITS;
  let gate_index = (time * ROWS + row) * UNITS + unit;

  var dh = 0.0;
  if (MASKED == 1) {
    dh = carried(BYPASS, t, row, unit);
  }
  if (is_continued(t, row)) {
    dh += from_next;
  }
  let dc = carried(CELL, t, row, unit);

  if (is_masked(time, row)) {
    gates[gate_index] = vec4f();
    pass_masked_step(t, row, unit, dh);
    carry[carry_index(CELL, row, unit)] = dc;
    return;
  }

  dh += take_output_gradient(t, row, unit);
  let old_c = select(c[cell], 0.0, resets_state(time, row));
  let gradient = cell_gradient(gates[gate_index], old_c, c[next_cell], dh, dc);
  gates[gate_index] = gradient.z;
  carry[carry_index(CELL, row, unit)] = gradient.c;
}
