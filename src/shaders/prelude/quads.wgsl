// Quads: four neighbours that hand numbers to each other, so that each loads a quarter of what all four need.
// Here the device has them; prelude/no-quads.wgsl stands in where it has not.
const BY_QUADS = true;

// Which of its quad's four a thread is, found out in a way that does not depend on how threads are numbered.
fn place_in_quad(thread: u32) -> u32 {
  let threads = vec4u(quadBroadcast(thread, 0), quadBroadcast(thread, 1), quadBroadcast(thread, 2), quadBroadcast(thread, 3));
  return dot(vec4u(0, 1, 2, 3), vec4u(threads == vec4u(thread)));
}

// In which order a thread gets what the four have: entry n is from the one at this place. Its own comes first, since
// swapping costs less than telling all the same.
fn quad_order(in_quad: u32) -> vec4u {
  return vec4u(0, 1, 2, 3) ^ vec4u(in_quad);
}

// What each of the four has, in the order of `quad_order`.
fn of_quad(own: f32) -> vec4f {
  return vec4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

fn vectors_of_quad(own: vec4f) -> mat4x4f {
  return mat4x4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}
