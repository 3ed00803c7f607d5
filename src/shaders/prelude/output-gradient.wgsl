// Kernels that include this bind `output_gradient`, shaped as the output.

// Gradient of the output of step t, which is zero for a step without an output.
fn own_output_gradient(t: u32, row: u32, unit: u32) -> f32 {
  if (RETURN_SEQUENCES == 1) {
    return output_gradient[(t * ROWS + row) * UNITS + unit];
  }
  if (t + 1 == STEPS) {
    return output_gradient[row * UNITS + unit];
  }
  return 0.0;
}
