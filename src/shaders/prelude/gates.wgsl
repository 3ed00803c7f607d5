// The two activations of a recurrent layer, and their derivatives as functions of their values.
override ACTIVATION: u32;            // activation of the candidate state and of the output
override RECURRENT_ACTIVATION: u32;  // activation of the gates

fn activation(x: f32) -> f32 {
  return activate(ACTIVATION, x);
}

fn activation_gradient(value: f32) -> f32 {
  return activation_derivative(ACTIVATION, value);
}

fn recurrent_activation(x: f32) -> f32 {
  return activate(RECURRENT_ACTIVATION, x);
}

fn recurrent_activation_gradient(value: f32) -> f32 {
  return activation_derivative(RECURRENT_ACTIVATION, value);
}
