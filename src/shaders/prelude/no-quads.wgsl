// In place of prelude/quads.wgsl: every invocation loads all that it needs, in order.
const BY_QUADS = false;

fn place_in_quad(thread: u32) -> u32 {
  return 0;
}

fn quad_order(in_quad: u32) -> vec4u {
  return vec4u(0, 1, 2, 3);
}

// The other two are not called.

fn of_quad(own: f32) -> vec4f {
  return vec4f();
}

fn vectors_of_quad(own: vec4f) -> mat4x4f {
  return mat4x4f();
}
