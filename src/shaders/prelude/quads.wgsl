// Quads: four neighbours that hand numbers to each other, so that each loads a quarter of what all four need.
// Here the device has them; prelude/no-quads.wgsl stands in where it has not.
const BY_QUADS = true;

// Which of its quad's four a thread is, found out in a way that does not depend on how threads are numbered.
fn place_in_quad(thread: u32) -> u32 {
  let threads = vec4u(quadBroadcast(thread, 0), quadBroadcast(thread, 1), quadBroadcast(thread, 2), quadBroadcast(thread, 3));
  return dot(vec4u(0, 1, 2, 3), vec4u(threads == vec4u(thread)));
}

// What each of the four has.
fn of_quad(own: f32) -> vec4f {
  return vec4f(quadBroadcast(own, 0), quadBroadcast(own, 1), quadBroadcast(own, 2), quadBroadcast(own, 3));
}

fn vectors_of_quad(own: vec4f) -> mat4x4f {
  return mat4x4f(quadBroadcast(own, 0), quadBroadcast(own, 1), quadBroadcast(own, 2), quadBroadcast(own, 3));
}
