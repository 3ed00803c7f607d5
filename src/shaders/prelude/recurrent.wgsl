// What the kernels of recurrent layers share: sizes, the stretch of time, its direction and its mask.
// Kernels that include this bind `mask` [T, B]: 1 for a step that counts, 0 for padding, and 2 more for a step before which
// the state starts from zero; not read unless MASKED. They have a constant GATES, blocks of H columns in the weights.
override ROWS: u32;
override UNITS: u32;
override RECURRENT_ROW: u32;         // where the recurrent kernel begins in the weights, behind kernel and bias
override STEPS: u32;
override RETURN_SEQUENCES: u32;
override BACKWARDS: u32;             // 1: the input is read from its last step to its first
override MASKED: u32;
override ZERO_OUTPUT: u32;           // 1: a masked step gives 0 instead of the output before it
override RECURRENT_DROPOUT: u32;     // 1: in the products of the gates h is multiplied by masks, one a gate
override SAVE_FOR_BACKWARD: u32;               // 1: states of all steps are kept, since a backward pass follows
override SEVERAL_STEPS: u32;         // 1: a dispatch may have several steps
override THREADS: u32;

// The steps one dispatch works through, in order of processing: [first, first + count).
struct TimeChunk {
  first: u32,
  count: u32,
}

// Where a row of the states before a step begins. Without SAVE_FOR_BACKWARD those of two steps take turns, behind the initial ones.
fn state_index(t: u32, row: u32) -> u32 {
  let in_turn = select(1 + (t + 1) % 2, 0, t == 0);
  return (select(in_turn, t, SAVE_FOR_BACKWARD == 1) * ROWS + row) * UNITS;
}

// Where the input of processing step t, and all that is kept beside it, lies in time.
fn input_step(t: u32) -> u32 {
  return select(t, STEPS - 1 - t, BACKWARDS == 1);
}

fn is_masked(time: u32, row: u32) -> bool {
  if (MASKED == 1) {
    return (u32(mask[time * ROWS + row]) & 1) == 0;
  }
  return false;
}

// Whether the state starts from zero before the step.
fn starts_anew(time: u32, row: u32) -> bool {
  if (MASKED == 1) {
    return u32(mask[time * ROWS + row]) >= 2;
  }
  return false;
}

// Where the dropout mask of h lies for a gate: [GATES, B, H].
fn dropout_index(gate: u32, row: u32, unit: u32) -> u32 {
  return (gate * ROWS + row) * UNITS + unit;
}

// Before the next step reads what this one has written; without barriers a workgroup has less to remember.
fn end_step() {
  if (SEVERAL_STEPS == 1) {
    storageBarrier();
  }
}
