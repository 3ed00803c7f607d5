// NaN stays NaN. What WGSL's min, max, clamp, sign, log and comparisons make of it is left to the implementation, which may
// assume that there is none: on SwiftShader min(NaN, 80) is 80 and log(NaN) is finite, and a model that has diverged would go
// on with finite numbers.

// Told by its bits, since a comparison of floats might be optimized away.
fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// A value that was worked out from x, or x itself where that is NaN.
fn keep_nan(x: f32, value: f32) -> f32 {
  return select(value, x, is_nan(x));
}

fn at_least(x: f32, limit: f32) -> f32 {
  return keep_nan(x, max(x, limit));
}

fn within(x: f32, low: f32, high: f32) -> f32 {
  return keep_nan(x, clamp(x, low, high));
}

fn sign_of(x: f32) -> f32 {
  return keep_nan(x, sign(x));
}

// The larger of both, or the one that is NaN.
fn larger(a: f32, b: f32) -> f32 {
  return keep_nan(a, keep_nan(b, max(a, b)));
}
