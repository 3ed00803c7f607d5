// What losses and metrics share: which elements of a batch count, and the row of the journal they are noted in.
override ROWS: u32;      // of the batch
override STEPS: u32;     // of each output
override FEATURES: u32;  // of each step
override COLUMNS: u32;   // of the journal
override COLUMN: u32;    // the one this kernel writes

fn element_count() -> u32 {
  return STEPS * ROWS * FEATURES;
}

// Outputs lie time-major, [STEPS, ROWS, FEATURES]; the rows from row_count on carry no sample.
fn counts(element: u32, row_count: u32) -> bool {
  return (element / FEATURES) % ROWS < row_count;
}

// A sample's loss is the mean over its steps and features; the journal holds the sum over samples.
fn sample_share() -> f32 {
  return 1.0 / f32(STEPS * FEATURES);
}
