// Sizes, weights and journal columns, shared by the kernels of losses and metrics, which bind `weights`.
override ROWS: u32;      // rows of the batch
override STEPS: u32;     // steps of each output
override FEATURES: u32;  // features of each step
override COLUMNS: u32;   // columns of the journal
override COLUMN: u32;    // first column that this kernel writes
override WEIGHTED: u32;  // 1: `weights` [STEPS, ROWS] holds a weight for each step of each row; 0: all weights are 1

// Outputs are time-major, [STEPS, ROWS, FEATURES]. A position is a step of a row, and has FEATURES elements.
fn position_count() -> u32 {
  return STEPS * ROWS;
}

fn element_count() -> u32 {
  return STEPS * ROWS * FEATURES;
}

// Weight of a position, 0 in rows from row_count on, which have no sample. Callers must not read elements of weight 0, which
// may be anything, NaN included.
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
