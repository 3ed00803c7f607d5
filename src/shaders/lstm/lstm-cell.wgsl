// The cell of an LSTM: one unit in one step, forward and backward. A vec4f holds a number for each of its gates i, f, c, o.
const GATES = 4u;

// The gates after their activations, from their pre-activations.
fn activated_gates(z: vec4f) -> vec4f {
  let i = recurrent_activation(z.x);
  let f = recurrent_activation(z.y);
  let candidate = activation(z.z);
  let o = recurrent_activation(z.w);
  return vec4f(i, f, candidate, o);
}

fn next_c(gates: vec4f, c: f32) -> f32 {
  let i = gates.x;
  let f = gates.y;
  let candidate = gates.z;
  return f * c + i * candidate;
}

fn next_h(gates: vec4f, new_c: f32) -> f32 {
  let o = gates.w;
  return o * activation(new_c);
}

struct CellGradient {
  z: vec4f,   // gradient of the pre-activations
  c: f32,     // gradient of c before the step
}

// dh and dc are the gradients of h and of c after the step; dc does not include what reaches c through h.
fn cell_gradient(gates: vec4f, c: f32, new_c: f32, dh: f32, dc: f32) -> CellGradient {
  let i = gates.x;
  let f = gates.y;
  let candidate = gates.z;
  let o = gates.w;
  let activated_c = activation(new_c);
  let dc_sum = dc + dh * o * activation_gradient(activated_c);
  let dz_i = dc_sum * candidate * recurrent_activation_gradient(i);
  let dz_f = dc_sum * c * recurrent_activation_gradient(f);
  let dz_c = dc_sum * i * activation_gradient(candidate);
  let dz_o = dh * activated_c * recurrent_activation_gradient(o);
  return CellGradient(vec4f(dz_i, dz_f, dz_c, dz_o), dc_sum * f);
}
