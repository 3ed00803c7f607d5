// What losses and metrics share: how much each element of a batch weighs, and the row of the journal they are noted in.
override ROWS: u32;      // of the batch
override STEPS: u32;     // of each output
override FEATURES: u32;  // of each step
override COLUMNS: u32;   // of the journal
override COLUMN: u32;    // the (first) one this kernel writes
override WEIGHTED: u32;  // 1: `weights` [STEPS, ROWS] says how much a step of a row weighs, otherwise each weighs 1

// Outputs lie time-major, [STEPS, ROWS, FEATURES]: a position is a step of a row, and holds FEATURES elements.
fn position_count() -> u32 {
  return STEPS * ROWS;
}

fn element_count() -> u32 {
  return STEPS * ROWS * FEATURES;
}

// The rows from row_count on carry no sample. What weighs nothing must not be looked at: it may be anything, NaN too.
fn weight_of(position: u32, row_count: u32) -> f32 {
  if (position % ROWS >= row_count) {
    return 0.0;
  }
  if (WEIGHTED == 1) {
    return weights[position];
  }
  return 1.0;
}

// A sample's loss is the mean over its steps and features; the journal holds the sum over samples.
fn sample_share() -> f32 {
  return 1.0 / f32(STEPS * FEATURES);
}
