// How the kernels of an LSTM store weights, here in float32, as they are.
alias Stored = vec4f;

fn stored(values: vec4f) -> Stored {
  return values;
}
