// The two functions of a recurrent layer, and their slopes from their values.
override ACTIVATION: u32;            // of what goes into the state and comes out of it
override RECURRENT_ACTIVATION: u32;  // of the gates

fn squash(x: f32) -> f32 {
  return activate(ACTIVATION, x);
}

fn squash_slope(value: f32) -> f32 {
  return activation_slope(ACTIVATION, value);
}

fn gate(x: f32) -> f32 {
  return activate(RECURRENT_ACTIVATION, x);
}

fn gate_slope(value: f32) -> f32 {
  return activation_slope(RECURRENT_ACTIVATION, value);
}
