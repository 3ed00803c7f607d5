// Gradients that enter a step of a recurrent layer in backpropagation through time: that of its output, and those carried from
// the step after it.
//
// Kernels that include this bind `carry`. With RECURRENT_DROPOUT it begins with the dropout masks of h, [GATES, B, H]. Behind
// them are the carried gradients, [kinds, B, H], of which a kernel has the first two or all three:
const BYPASS = 0u;    // gradient of h that bypasses the recurrent weights, through masked steps and gates
const REPEATED = 1u;  // gradient of an output that masked steps repeat
const CELL = 2u;      // gradient of c

fn carry_index(kind: u32, row: u32, unit: u32) -> u32 {
  return dropout_index(RECURRENT_DROPOUT * GATES + kind, row, unit);
}

// Dropout mask of h in the product of a gate.
fn dropout_factor(gate: u32, row: u32, unit: u32) -> f32 {
  if (RECURRENT_DROPOUT == 1) {
    return carry[dropout_index(gate, row, unit)];
  }
  return 1.0;
}

// Whether the state after step t enters a next step: there is one, and the state is not reset before it.
fn is_continued(t: u32, row: u32) -> bool {
  return t + 1 < STEPS && !resets_state(input_step(t + 1), row);
}

// Gradient carried into step t: zero at the last step, and for a state that no further step continues.
fn carried(kind: u32, t: u32, row: u32, unit: u32) -> f32 {
  if (t + 1 == STEPS || (kind != REPEATED && !is_continued(t, row))) {
    return 0.0;
  }
  return carry[carry_index(kind, row, unit)];
}

// Gradient of the output of an unmasked step, including the masked steps that repeat it.
fn take_output_gradient(t: u32, row: u32, unit: u32) -> f32 {
  var sum = own_output_gradient(t, row, unit);
  if (MASKED == 1) {
    sum += carried(REPEATED, t, row, unit);
    carry[carry_index(BYPASS, row, unit)] = 0.0;
    carry[carry_index(REPEATED, row, unit)] = 0.0;
  }
  return sum;
}

// A masked step passes the gradient of h on unchanged, and the gradient of its output to the step whose output it repeats.
fn pass_masked_step(t: u32, row: u32, unit: u32, dh: f32) {
  let repeated = carried(REPEATED, t, row, unit);
  carry[carry_index(BYPASS, row, unit)] = dh;
  carry[carry_index(REPEATED, row, unit)] = repeated + select(own_output_gradient(t, row, unit), 0.0, ZERO_OUTPUT == 1);
}
