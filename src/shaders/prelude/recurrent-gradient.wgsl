// The gradient that comes into a step of a recurrent layer: from its output, and over steps that were masked.
// Kernels that include this bind `carry`, what a unit keeps on the way back:
// with RECURRENT_DROPOUT first the masks of h [GATES, B, H]; then the gradients that are carried, [KINDS, B, H]:
const HELD = 0u;      // of h, past the weights: what masked steps and gates let through
const REPEATED = 1u;  // of the output that masked steps repeat
const CELL = 2u;      // of c

fn carry_index(kind: u32, row: u32, unit: u32) -> u32 {
  return dropout_index(RECURRENT_DROPOUT * GATES + kind, row, unit);
}

// What of h went into the product of a gate.
fn dropout_factor(gate: u32, row: u32, unit: u32) -> f32 {
  if (RECURRENT_DROPOUT == 1) {
    return carry[dropout_index(gate, row, unit)];
  }
  return 1.0;
}

// Whether the state of a step goes into the next: there is one, and it does not start from zero.
fn is_continued(t: u32, row: u32) -> bool {
  return t + 1 < STEPS && !starts_anew(input_step(t + 1), row);
}

// What a step finds in the carry: nothing before the last step, nothing of a state that ends with the step.
fn carried(kind: u32, t: u32, row: u32, unit: u32) -> f32 {
  if (t + 1 == STEPS || (kind != REPEATED && !is_continued(t, row))) {
    return 0.0;
  }
  return carry[carry_index(kind, row, unit)];
}

// The gradient of the output of a step that counts, with that of the masked steps that repeat it.
fn take_output_gradient(t: u32, row: u32, unit: u32) -> f32 {
  var sum = own_output_gradient(t, row, unit);
  if (MASKED == 1) {
    sum += carried(REPEATED, t, row, unit);
    carry[carry_index(HELD, row, unit)] = 0.0;
    carry[carry_index(REPEATED, row, unit)] = 0.0;
  }
  return sum;
}

// A masked step hands the gradient of h on as it is, and that of its output to the step whose output it repeats.
fn pass_over(t: u32, row: u32, unit: u32, dh: f32) {
  let repeated = carried(REPEATED, t, row, unit);
  carry[carry_index(HELD, row, unit)] = dh;
  carry[carry_index(REPEATED, row, unit)] = repeated + select(own_output_gradient(t, row, unit), 0.0, ZERO_OUTPUT == 1);
}
