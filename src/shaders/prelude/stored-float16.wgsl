// How the kernels of an LSTM store weights, here in half precision; they work in float32 all the same.
alias Stored = vec4<f16>;

// Rounded to 11 significant bits. What is too large becomes the largest number there is: WGSL leaves open what else it would be.
// NaN stays NaN, told by its bits as in nan.wgsl.
fn stored(values: vec4f) -> Stored {
  let is_nan = (bitcast<vec4u>(values) & vec4u(0x7fffffff)) > vec4u(0x7f800000);
  return Stored(select(clamp(values, vec4f(-65504), vec4f(65504)), values, is_nan));
}
