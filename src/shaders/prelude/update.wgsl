// An entry of the agenda: the rows of one update and the numbers of its optimizer step. The CPU writes entries before it
// submits the updates. A dispatch is bound to the entry of its update as a frame.
struct Update {
  first_row: u32,     // index of the update's first row among the rows of the agenda
  row_count: u32,     // how many rows have a sample; the rows after them are padding
  journal_row: u32,   // row of the journal that takes the update's loss and metrics
  seed: u32,          // seed of the update's random numbers
  step_size: f32,     // the learning rate times Adam's bias correction
  learning_rate: f32, // the learning rate itself, for weight decay
  accumulating: f32,  // 1 if the update only accumulates its gradient, and the optimizer steps in a later one
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
