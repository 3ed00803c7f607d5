// Activations that stay exact and finite where WGSL's own may not: its tanh may be off by 1e-5, and NaN for large |x|.

fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(-clamp(x, -30.0, 30.0)));
}

// Keras 1 and 2: a line of slope 0.2 between 0 and 1.
fn hard_sigmoid_legacy(x: f32) -> f32 {
  return clamp(0.2 * x + 0.5, 0.0, 1.0);
}

fn safe_tanh(x: f32) -> f32 {
  let size = abs(x);
  if (size < 0.1) {
    // The quotient below would lose relative accuracy to cancellation; the series is good to 1e-8 here.
    let square = x * x;
    return x * (1.0 - square * (1.0 / 3.0 - square * (2.0 / 15.0 - square * (17.0 / 315.0))));
  }
  let e = exp(-2.0 * min(size, 15.0));
  return sign(x) * (1.0 - e) / (1.0 + e);
}

// log(1 + x) for 0 <= x <= 1; the plain form is 0 for x < 6e-8.
fn log_one_plus(x: f32) -> f32 {
  if (x < 0.02) {
    return x * (1.0 - x * (0.5 - x * (1.0 / 3.0 - x * (0.25 - x * 0.2))));
  }
  return log(1.0 + x);
}
