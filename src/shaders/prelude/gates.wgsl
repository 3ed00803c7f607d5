// The function of an LSTM's gates and its slope.
override HARD_GATES: u32;        // 1: the hard sigmoid of Keras 1 and 2

fn gate(x: f32) -> f32 {
  if (HARD_GATES == 1) {
    return hard_sigmoid_legacy(x);
  }
  return sigmoid(x);
}

// The slope of a gate, from its value.
fn gate_slope(value: f32) -> f32 {
  if (HARD_GATES == 1) {
    return select(0.0, 0.2, value > 0.0 && value < 1.0);
  }
  return value * (1.0 - value);
}
