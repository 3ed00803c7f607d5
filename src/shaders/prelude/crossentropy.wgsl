// Binary cross-entropy of one output: its loss, its prediction, and the derivative of the loss by the output.

// Probabilities are clipped to this distance from 0 and 1, as by Keras' epsilon.
const PROBABILITY_MARGIN = 1e-7;

struct OutputLoss {
  loss: f32,
  prediction: f32,
  derivative: f32,
}

fn crossentropy_of_logit(z: f32, y: f32) -> OutputLoss {
  let p = sigmoid(z);
  return OutputLoss(nan_max(z, 0.0) - z * y + log_one_plus(exp(-abs(z))), p, p - y);
}

// log(p) for 0 < p <= 1; WGSL's own may lose half its digits close to 1.
fn log_probability(p: f32) -> f32 {
  let rest = 1.0 - p;
  if (rest < 0.02) {
    return -rest * (1.0 + rest * (0.5 + rest * (1.0 / 3.0 + rest * (0.25 + rest * 0.2))));
  }
  return log(p);
}

fn crossentropy_of_probability(value: f32, y: f32) -> OutputLoss {
  let p = nan_clamp(value, PROBABILITY_MARGIN, 1.0 - PROBABILITY_MARGIN);
  let derivative = keep_nan(value, select(0.0, (p - y) / (p * (1.0 - p)), p == value));
  let loss = -y * log_probability(p) - (1.0 - y) * log_probability(1.0 - p);
  return OutputLoss(keep_nan(value, loss), value, derivative);
}
