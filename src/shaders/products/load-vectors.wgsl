// Loads of the kernels of matrix products, four elements at a time, for matrices whose blocks are contiguous, aligned vectors.
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;

fn four_of_a(at: vec4u) -> vec4f {
  return a[at.x / 4];
}

fn four_of_b(at: vec4u) -> vec4f {
  return b[at.x / 4];
}
