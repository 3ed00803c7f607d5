// Storage type of four weights of an LSTM: here float32, without rounding.
alias WeightVector = vec4f;

fn rounded_weights(values: vec4f) -> WeightVector {
  return values;
}

// Weights as they stay in registers from step to step: see stored-float16.wgsl.
alias KeptVector = vec4f;

fn kept_weights(weights: WeightVector) -> KeptVector {
  return weights;
}

fn weights_of_kept(kept: KeptVector, zero: u32) -> vec4f {
  return kept;
}
