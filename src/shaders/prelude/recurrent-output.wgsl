// The output of a recurrent layer: [T, B, H] in order of processing, or with the last step alone [B, H].

fn write_output(t: u32, row: u32, unit: u32, value: f32) {
  if (RETURN_SEQUENCES == 1) {
    output[(t * ROWS + row) * UNITS + unit] = value;
  } else if (MASKED == 1 || t + 1 == STEPS) {
    output[row * UNITS + unit] = value;
  }
}

// A masked step repeats the output before it, 0 if there is none. Without sequences that one stands there already.
fn write_masked_output(t: u32, row: u32, unit: u32) {
  if (ZERO_OUTPUT == 1 || t == 0) {
    write_output(t, row, unit, 0.0);
  } else if (RETURN_SEQUENCES == 1) {
    write_output(t, row, unit, output[((t - 1) * ROWS + row) * UNITS + unit]);
  }
}
