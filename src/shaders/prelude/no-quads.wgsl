// In place of prelude/quads.wgsl: every invocation loads all that it needs, and none of these functions is called.
const BY_QUADS = false;

fn place_in_quad(thread: u32) -> u32 {
  return 0;
}

fn of_quad(own: f32) -> vec4f {
  return vec4f();
}

fn vectors_of_quad(own: vec4f) -> mat4x4f {
  return mat4x4f();
}
