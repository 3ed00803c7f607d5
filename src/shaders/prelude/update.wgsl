// What one update works on. The processor writes it before a submit; kernels pick theirs by the replay's frame.
struct Update {
  first_row: u32,     // where the update's rows begin in the agenda
  row_count: u32,     // rows that carry a sample; the rows behind them are empty
  journal_row: u32,   // where losses and metrics are noted
  seed: u32,          // of the update's random numbers
  step_size: f32,     // of the optimizer, bias correction included
  learning_rate: f32, // without it
  accumulating: f32,  // 1 if the update only accumulates its gradient, and a later one steps
  one_minus_beta1: f32, // of Adam, and of no other optimizer
  one_minus_beta2: f32,
  epsilon: f32,
}

fn accumulates_only(update: Update) -> bool {
  return update.accumulating == 1.0;
}

// One row of a batch.
struct Row {
  sample: u32,        // which sample of the data set it reads
  slot: u32,          // which slot its state continues and returns to
  reset: u32,         // 1 if the state is reset first, so that it starts from zero
  first_step: u32,    // the step of the sample at which the batch begins
}
