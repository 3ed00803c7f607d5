// End of a step in the backward pass of an LSTM, for one unit of one row: from the gradient of its h to that of its
// pre-activations and of its c. Kernels that include this bind `mask`, `gates`, `c`, `output_gradient` and `carry`.

// Offset in gates of dz of the step after t.
fn next_dz(t: u32) -> u32 {
  return input_step(t + 1) * ROWS * UNITS;
}

// A unit of a row in a step, as the forward pass has left it: its activated gates, c before and after the step, and the
// gradient of its output.
struct SavedStep {
  gates: vec4f,
  c: f32,
  next_c: f32,
  output_gradient: f32,
}

fn saved_step(t: u32, row: u32, unit: u32) -> SavedStep {
  let cell = (t * ROWS + row) * UNITS + unit;
  let activated = gates[(input_step(t) * ROWS + row) * UNITS + unit];
  return SavedStep(activated, c[cell], c[cell + ROWS * UNITS], own_output_gradient(t, row, unit));
}

// Takes the gradients of a unit of a row through step t. `from_next` is that of h by the recurrent weights, from the step after
// t, and `dc` that of c.
fn step_gradient(t: u32, row: u32, unit: u32, from_next: f32, dc: f32, saved: SavedStep) -> CellGradient {
  let time = input_step(t);
  var dh = 0.0;
  if (MASKED == 1) {
    dh = carried(BYPASS, t, row, unit);
  }
  if (is_continued(t, row)) {
    dh += from_next;
  }
  if (is_masked(time, row)) {
    pass_masked_step(t, row, unit, dh);
    return CellGradient(vec4f(), dc);
  }

  dh += take_output_gradient(t, row, unit, saved.output_gradient);
  let old_c = select(saved.c, 0.0, resets_state(time, row));
  return cell_gradient(saved.gates, old_c, saved.next_c, dh, dc);
}

// Leaves dz in gates in place of what the forward pass has saved there.
fn update_gradient(t: u32, row: u32, unit: u32, from_next: f32) {
  let gradient = step_gradient(t, row, unit, from_next, carried(CELL, t, row, unit), saved_step(t, row, unit));
  gates[(input_step(t) * ROWS + row) * UNITS + unit] = gradient.z;
  carry[carry_index(CELL, row, unit)] = gradient.c;
}
