// Counter-based random numbers: a number is a hash of its seed, stream and index, so that nothing is stored and the backward
// pass draws the same numbers again. PCG3D of Jarzynski & Olano 2020, "Hash Functions for GPU Rendering".
fn random_bits(seed: u32, stream: u32, element: u32) -> u32 {
  var v = vec3u(element, seed, stream) * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3u(16u);
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  return v.x;
}

// A random number that is uniform on the multiples of 2^-24 in [0, 1).
fn random_uniform(seed: u32, stream: u32, element: u32) -> f32 {
  return f32(random_bits(seed, stream, element) >> 8) * 0x1p-24;
}
