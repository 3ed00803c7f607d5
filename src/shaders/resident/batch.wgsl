// The batch of an update: samples and states into the workspace, states back into their slots. Rows of the batch without a
// sample read zeros, and their slots are left as they are.

// Sets the 1 in [x, 1, h], by which biases are multiplied. It is never overwritten, so this is done once a dispatch.
fn load_ones() {
  for (var position = thread; position < (STEPS + 1) * ROWS; position += THREADS_PER_MODEL) {
    store_xh(position, INPUTS, 1.0);
  }
}

// A row is the number of its sample, with the highest bit set if its state is reset first, so that it starts from zero.
const RESET_BIT = 0x80000000u;

fn sample_of(update: ResidentUpdate, row: u32) -> u32 {
  return rows[update.first_row + row] & ~RESET_BIT;
}

fn load_inputs(update: ResidentUpdate) {
  for (var e = thread; e < ROWS * STEPS * INPUTS; e += THREADS_PER_MODEL) {
    let row = e / (STEPS * INPUTS);
    let element = e % (STEPS * INPUTS);
    var x = 0.0;
    if (row < update.row_count) {
      x = samples[sample_of(update, row) * STEPS * INPUTS + element];
    }
    store_xh(element / INPUTS * ROWS + row, element % INPUTS, x);
  }
}

fn load_states(update: ResidentUpdate) {
  for (var row = split; row < ROWS; row += SPLITS) {
    var is_continued = STATEFUL == 1 && row < update.row_count;
    if (is_continued) {
      is_continued = (rows[update.first_row + row] & RESET_BIT) == 0;
    }
    let slot = update.first_slot + row;
    for (var n = 0u; n < UNITS_PER_THREAD; n++) {
      let unit = own_unit(n);
      if (unit < UNITS) {
        var h = 0.0;
        var c = 0.0;
        if (is_continued) {
          let state = model * STATES + slot * UNITS + unit;
          h = states[state];
          c = states[CELL_STATES + state];
        }
        store_h(row, unit, h);
        store_c(row * UNITS + unit, c);
      }
    }
  }
}

fn store_states(update: ResidentUpdate) {
  for (var row = split; row < update.row_count; row += SPLITS) {
    let slot = update.first_slot + row;
    for (var n = 0u; n < UNITS_PER_THREAD; n++) {
      let unit = own_unit(n);
      if (unit < UNITS) {
        let state = model * STATES + slot * UNITS + unit;
        states[state] = last_h(row, unit);
        states[CELL_STATES + state] = load_c(STEPS * CELLS + row * UNITS + unit);
      }
    }
  }
}
