// min, max, clamp and sign that keep NaN. WGSL leaves open what its own make of NaN, and an implementation may assume that
// there is none: on SwiftShader min(NaN, 80) is 80 and log(NaN) is finite, so that a model that has diverged would go on with
// finite numbers.

// The test is on the bits, since a comparison of floats might be optimized away.
fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// Returns x if it is NaN, otherwise a value that was computed from x.
fn keep_nan(x: f32, value: f32) -> f32 {
  return select(value, x, is_nan(x));
}

// The larger of two numbers, or NaN if either is NaN.
fn nan_max(a: f32, b: f32) -> f32 {
  return keep_nan(a, keep_nan(b, max(a, b)));
}

// Clamps x, or keeps it if it is NaN. The bounds must not be NaN.
fn nan_clamp(x: f32, low: f32, high: f32) -> f32 {
  return keep_nan(x, clamp(x, low, high));
}

fn nan_sign(x: f32) -> f32 {
  return keep_nan(x, sign(x));
}
