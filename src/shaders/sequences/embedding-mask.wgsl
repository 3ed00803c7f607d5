// Computes the mask of a sequence of indices in which 0 is padding.
//
//   mask[t, b] = indices[b, t] != 0
//
// Shapes   indices [B, T]   mask [T, B]
// Threads  one invocation owns one element of the mask
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/layers/core/embedding.py compute_mask
override STEPS: u32;   // T
override ROWS: u32;    // B

@group(0) @binding(0) var<storage, read> indices: array<f32>;
@group(0) @binding(1) var<storage, read_write> mask: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < STEPS * ROWS) {
    mask[index] = select(0.0, 1.0, indices[(index % ROWS) * STEPS + index / ROWS] != 0.0);
  }
}
