// How the kernels of an LSTM store weights and kept gates, here in float32, as they are.
const IS_HALF = false;

alias Stored = vec4f;

fn stored(values: vec4f) -> Stored {
  return values;
}
