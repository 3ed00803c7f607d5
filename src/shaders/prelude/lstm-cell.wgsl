// One cell of an LSTM in one step, forward and back; vectors hold a number for each of its gates i, f, c, o.

// Behind their functions, from their pre-activations.
fn activated_gates(z: vec4f) -> vec4f {
  return vec4f(gate(z.x), gate(z.y), squash(z.z), gate(z.w));
}

fn next_c(gates: vec4f, c: f32) -> f32 {
  return gates.y * c + gates.x * gates.z;
}

fn next_h(gates: vec4f, new_c: f32) -> f32 {
  return gates.w * squash(new_c);
}

struct CellGradient {
  z: vec4f,   // of the pre-activations
  c: f32,     // of c before the step
}

// From the gradients of h and of c after the step, the latter without what comes over h.
fn cell_gradient(gates: vec4f, c: f32, new_c: f32, dh: f32, dc: f32) -> CellGradient {
  let squashed = squash(new_c);
  let sum = dc + dh * gates.w * squash_slope(squashed);
  let z = vec4f(
    sum * gates.z * gate_slope(gates.x),
    sum * c * gate_slope(gates.y),
    sum * gates.x * squash_slope(gates.z),
    dh * squashed * gate_slope(gates.w));
  return CellGradient(z, sum * gates.y);
}
