// Quads are four neighbouring invocations that exchange values in registers, so that each loads only a quarter of what all
// four need. prelude/no-quads.wgsl takes the place of this prelude on devices without the feature "subgroups".
const BY_QUADS = true;

// Index of the invocation in its quad. It is found by exchange, since WebGPU does not define which invocations form a quad.
fn quad_lane(thread: u32) -> u32 {
  let threads = vec4u(quadBroadcast(thread, 0), quadBroadcast(thread, 1), quadBroadcast(thread, 2), quadBroadcast(thread, 3));
  return dot(vec4u(0, 1, 2, 3), vec4u(threads == vec4u(thread)));
}

// The order in which an invocation receives the values of its quad: entry n is the lane that value n comes from. Its own value
// comes first, since swaps cost less than broadcasts.
fn quad_order(lane: u32) -> vec4u {
  return vec4u(0, 1, 2, 3) ^ vec4u(lane);
}

// The values of all four lanes, in the order of `quad_order`.
fn values_of_quad(own: f32) -> vec4f {
  return vec4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

fn vectors_of_quad(own: vec4f) -> mat4x4f {
  return mat4x4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}
