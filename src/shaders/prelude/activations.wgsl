// Activations that stay exact and finite where WGSL's own may not: its tanh may be off by 1e-5, and NaN for large |x|.

fn sigmoid(x: f32) -> f32 {
  return keep_nan(x, 1.0 / (1.0 + exp(min(-x, 80.0))));
}

// Near 0 the quotient would lose relative accuracy to cancellation; the series is good to 2e-8 there.
fn safe_tanh(x: f32) -> f32 {
  let square = x * x;
  let series = x * (1.0 - square * (1.0 / 3.0 - square * (2.0 / 15.0 - square * (17.0 / 315.0))));
  let e = exp(2.0 * min(x, 15.0));
  return keep_nan(x, select((e - 1.0) / (e + 1.0), series, square < 0.03));
}

// log(1 + x) for 0 <= x <= 1; the plain form is 0 for x < 6e-8.
fn log_one_plus(x: f32) -> f32 {
  if (x < 0.02) {
    return x * (1.0 - x * (0.5 - x * (1.0 / 3.0 - x * (0.25 - x * 0.2))));
  }
  return log(1.0 + x);
}

// exp(x) - 1 for x <= 0; the plain form loses relative accuracy to cancellation near 0, where the series is good to 1e-8.
fn exp_minus_one(x: f32) -> f32 {
  if (x > -0.1) {
    return x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0)))));
  }
  return exp(max(x, -80.0)) - 1.0;
}

// Numbers of the activations: positions in `ACTIVATIONS` (models/operations/recurrence/activations.ts).
const TANH = 0u;
const SIGMOID = 1u;
const HARD_SIGMOID = 2u;
const HARD_SIGMOID_LEGACY = 3u;
const RELU = 4u;
const LINEAR = 5u;
const SOFTSIGN = 6u;
const ELU = 7u;
const SOFTPLUS = 8u;

fn activate(code: u32, x: f32) -> f32 {
  switch (code) {
    case TANH: { return safe_tanh(x); }
    case SIGMOID: { return sigmoid(x); }
    case HARD_SIGMOID: { return nan_clamp(x * (1.0 / 6.0) + 0.5, 0.0, 1.0); }
    case HARD_SIGMOID_LEGACY: { return nan_clamp(0.2 * x + 0.5, 0.0, 1.0); }
    case RELU: { return nan_max(x, 0.0); }
    case SOFTSIGN: { return x / (1.0 + abs(x)); }
    case ELU: { return keep_nan(x, select(exp_minus_one(min(x, 0.0)), x, x > 0.0)); }
    case SOFTPLUS: { return keep_nan(x, max(x, 0.0) + log_one_plus(exp(-abs(x)))); }
    default: { return x; }
  }
}

// Derivative of an activation as a function of its value. Branches without keep_nan compute NaN from NaN.
fn activation_derivative(code: u32, value: f32) -> f32 {
  switch (code) {
    case TANH: { return 1.0 - value * value; }
    case SIGMOID: { return value * (1.0 - value); }
    case HARD_SIGMOID: { return keep_nan(value, select(0.0, 1.0 / 6.0, value > 0.0 && value < 1.0)); }
    case HARD_SIGMOID_LEGACY: { return keep_nan(value, select(0.0, 0.2, value > 0.0 && value < 1.0)); }
    case RELU: { return keep_nan(value, select(0.0, 1.0, value > 0.0)); }
    case SOFTSIGN: { return (1.0 - abs(value)) * (1.0 - abs(value)); }
    case ELU: { return keep_nan(value, 1.0 + min(value, 0.0)); }
    case SOFTPLUS: { return keep_nan(value, -exp_minus_one(-value)); }
    default: { return keep_nan(value, 1.0); }
  }
}
