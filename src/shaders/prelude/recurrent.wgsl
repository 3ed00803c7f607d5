// Sizes, time chunk, direction of time and mask, shared by the kernels of recurrent layers.
//
// Kernels that include this bind `mask` [T, B], which is read only with MASKED: an element is 1 for a step that counts and 0
// for padding, plus 2 for a step before which the state is reset. They also define GATES, the number of gates of a unit.
override ROWS: u32;
override UNITS: u32;
override RECURRENT_ROW: u32;         // first row of the recurrent kernel in the weights, behind kernel and bias
override STEPS: u32;
override RETURN_SEQUENCES: u32;      // 1: every step has an output; 0: only the last one
override BACKWARDS: u32;             // 1: the input is read from its last step to its first
override MASKED: u32;                // 1: `mask` is read; 0: every step counts
override ZERO_OUTPUT: u32;           // 1: a masked step gives 0 instead of the output before it
override CONTINUES_OUTPUT: u32;      // 1: a masked first step repeats the output before the batch, which is the initial h
override RECURRENT_DROPOUT: u32;     // 1: h is multiplied by one dropout mask per gate in the recurrent product
override SAVE_FOR_BACKWARD: u32;     // 1: states of all steps are stored for the backward pass
override FUSED_STEPS: u32;           // 1: a dispatch may compute several steps, with a barrier after each
override THREADS: u32;

// The steps that one dispatch computes, in order of processing: [first, first + count).
struct TimeChunk {
  first: u32,
  count: u32,
}

// Index of the first unit of a row in the states before step t. Without SAVE_FOR_BACKWARD the initial states are followed by
// two buffers, in which the states of later steps alternate.
fn state_index(t: u32, row: u32) -> u32 {
  let buffered = select(1 + (t + 1) % 2, 0, t == 0);
  return (select(buffered, t, SAVE_FOR_BACKWARD == 1) * ROWS + row) * UNITS;
}

// Step of the input, the gates and the mask that is processed as step t.
fn input_step(t: u32) -> u32 {
  return select(t, STEPS - 1 - t, BACKWARDS == 1);
}

fn is_masked(time: u32, row: u32) -> bool {
  if (MASKED == 1) {
    return (u32(mask[time * ROWS + row]) & 1) == 0;
  }
  return false;
}

// Whether the state of the row is reset before the step.
fn resets_state(time: u32, row: u32) -> bool {
  if (MASKED == 1) {
    return u32(mask[time * ROWS + row]) >= 2;
  }
  return false;
}

// Index of a unit in the dropout masks of h, [GATES, B, H].
fn dropout_index(gate: u32, row: u32, unit: u32) -> u32 {
  return (gate * ROWS + row) * UNITS + unit;
}

// Makes the writes of this step visible to the next. Kernels whose dispatches have one step are compiled without the barrier.
fn end_step() {
  if (FUSED_STEPS == 1) {
    storageBarrier();
  }
}
