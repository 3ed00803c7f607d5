// The backward pass through time: from the gradient of the outputs to the gradients dz of all pre-activations.

fn backward() {
  for (var t = STEPS; t > 0; t--) {
    step_backward(t - 1);
    // Step 0 needs no barrier unless threads share units, since the optimizer reads a thread's own dz alone.
    if (t > 1 || SPLITS > 1) {
      workgroupBarrier();
    }
  }
}

fn step_backward(t: u32) {
  for (var row = split; row < ROWS; row += SPLITS) {
    for (var n = 0u; n < UNITS_PER_THREAD; n++) {
      let unit = own_unit(n);
      if (unit < UNITS) {
        cell_backward(t, row, unit);
      }
    }
    if (EXCHANGED_UNITS > 0 && t > 0) {
      write_dh_partials(t, row);
    }
  }
}

fn cell_backward(t: u32, row: u32, unit: u32) {
  let position = t * ROWS + row;
  let cell = position * UNITS + unit;
  let own = row * UNITS + unit;
  var dh = 0.0;
  var dc = 0.0;
  if (t + 1 == STEPS) {
    dh = dh_from_head(row, unit);
  } else {
    dc = workspaces[workspace()].dc[own];
    dh = dh_from_next_step(t, row, unit);
  }
  let gates = load_gates(cell);
  let i = gates.x;
  let f = gates.y;
  let candidate = gates.z;
  let o = gates.w;
  let activated_c = activation(load_c(cell + CELLS));
  dc += dh * o * activation_gradient(activated_c);
  store_gates(cell, vec4f(
    dc * candidate * recurrent_activation_gradient(i),
    dc * load_c(cell) * recurrent_activation_gradient(f),
    dc * i * activation_gradient(candidate),
    dh * activated_c * recurrent_activation_gradient(o)));
  workspaces[workspace()].dc[own] = dc * f;
}

fn dh_from_head(row: u32, unit: u32) -> f32 {
  var dh = 0.0;
  for (var output = 0u; output < OUTPUTS; output++) {
    dh += load_output_gradient(row, output) * load_head_weight(unit, output);
  }
  return dh;
}

fn dh_from_next_step(t: u32, row: u32, unit: u32) -> f32 {
  var dh = 0.0;
  if (EXCHANGED_UNITS > 0) {
    for (var n = 0u; n < PARTIALS; n++) {
      dh += workspaces[workspace()].dh_partials[dh_partial_offset(t + 1, row, n) + unit];
    }
  } else {
    let next = ((t + 1) * ROWS + row) * UNITS;
    for (var k = 0u; k < UNITS; k++) {
      dh += dot(load_gates(next + k), load_lstm_weight(INPUTS + 1 + unit, k));
    }
  }
  return dh;
}

// Writes a thread's partial sums of dh before step t for all units: the gradient that flows back through the recurrent weights
// of the thread's own units.
fn write_dh_partials(t: u32, row: u32) {
  let dz = own_dz(t * ROWS + row);
  for (var unit = 0u; unit < EXCHANGED_UNITS; unit++) { // unrolled
    for (var partial = 0u; partial < PARTIALS_PER_THREAD; partial++) { // unrolled
      var sum = 0.0;
      for (var n = 0u; n < UNITS_PER_THREAD; n++) { // unrolled
        if (n % PARTIALS_PER_THREAD == partial) {
          sum += select(0.0, dot(dz[n], weights[n * XH_PER_THREAD + INPUTS + 1 + unit]), own_unit(n) < UNITS);
        }
      }
      workspaces[workspace()].dh_partials[dh_partial_offset(t, row, thread + partial * THREADS_PER_MODEL) + unit] = sum;
    }
  }
}

// Index of the first of the UNITS elements of a partial sum of dh.
fn dh_partial_offset(t: u32, row: u32, partial: u32) -> u32 {
  return ((t % 2 * ROWS + row) * PARTIALS + partial) * UNITS;
}
