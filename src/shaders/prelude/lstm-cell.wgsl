// One cell of an LSTM in one step; vectors hold a number for each of its gates i, f, c, o.

// Behind their functions, from their pre-activations.
fn activated_gates(z: vec4f) -> vec4f {
  return vec4f(gate(z.x), gate(z.y), squash(z.z), gate(z.w));
}
