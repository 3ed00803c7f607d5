// What the forward pass keeps of the gates of a unit for the backward pass: what came out of their functions, or in half
// precision what went in. A gate of 0.9998 has the slope 0.0002; rounded to half precision it is 1, and has none.

fn kept_gates(z: vec4f, activated: vec4f) -> Stored {
  return stored(select(activated, z, IS_HALF));
}

fn activated_as_kept(kept: Stored) -> vec4f {
  if (IS_HALF) {
    return activated_gates(vec4f(kept));
  }
  return vec4f(kept);
}
