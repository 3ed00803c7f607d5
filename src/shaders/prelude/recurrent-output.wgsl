// Kernels that include this bind `output`: [T, B, H] in order of processing, or [B, H] without RETURN_SEQUENCES.

// Writes the output of an unmasked step. With a mask nobody knows which step is the last unmasked one, so each overwrites the
// output of the one before.
fn write_output(t: u32, row: u32, unit: u32, value: f32) {
  if (RETURN_SEQUENCES == 1) {
    output[(t * ROWS + row) * UNITS + unit] = value;
  } else if (MASKED == 1 || t + 1 == STEPS) {
    output[row * UNITS + unit] = value;
  }
}

// A masked step repeats the output of the step before it, which is h. If there is none in the batch it gives 0, or with
// CONTINUES_OUTPUT the h that the batch begins with. Without RETURN_SEQUENCES the output already holds the value that is
// repeated.
fn write_masked_output(t: u32, row: u32, unit: u32, old_h: f32) {
  if (ZERO_OUTPUT == 1 || t == 0) {
    write_output(t, row, unit, select(0.0, old_h, ZERO_OUTPUT == 0 && CONTINUES_OUTPUT == 1));
  } else if (RETURN_SEQUENCES == 1) {
    write_output(t, row, unit, output[((t - 1) * ROWS + row) * UNITS + unit]);
  }
}
