// How the kernels of an LSTM store weights, here in half precision; they work in float32 all the same.
alias Stored = vec4<f16>;

// Rounded to 11 significant bits. What is too large becomes the largest number there is: WGSL leaves open what else it would be.
fn stored(values: vec4f) -> Stored {
  return Stored(clamp(values, vec4f(-65504), vec4f(65504)));
}
