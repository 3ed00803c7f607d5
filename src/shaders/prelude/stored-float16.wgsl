// Storage type of four weights of an LSTM: here half precision. Sums are in float32 all the same.
alias WeightVector = vec4<f16>;

// Rounds to 11 significant bits. Values out of range become the largest finite number, since WGSL does not define their
// conversion; NaN stays NaN, tested by its bits as in nan.wgsl.
fn rounded_weights(values: vec4f) -> WeightVector {
  let is_nan = (bitcast<vec4u>(values) & vec4u(0x7fffffff)) > vec4u(0x7f800000);
  return WeightVector(select(clamp(values, vec4f(-65504), vec4f(65504)), values, is_nan));
}
