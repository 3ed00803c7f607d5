// This takes the place of prelude/quads.wgsl on devices without quads: every invocation loads all that it needs, in order.
const BY_QUADS = false;

fn quad_lane(thread: u32) -> u32 {
  return 0;
}

fn quad_order(lane: u32) -> vec4u {
  return vec4u(0, 1, 2, 3);
}

// The functions below are never called, but have to exist for the code to compile.

fn values_of_quad(own: f32) -> vec4f {
  return vec4f();
}

fn vectors_of_quad(own: vec4f) -> mat4x4f {
  return mat4x4f();
}
