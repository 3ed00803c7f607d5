// Storage type of the weights of an LSTM: here float32, without rounding.
alias Stored = vec4f;

fn stored(values: vec4f) -> Stored {
  return values;
}
