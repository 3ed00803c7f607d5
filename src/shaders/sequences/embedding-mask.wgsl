// Computes the mask of a sequence of indices in which 0 is padding.
//
//   mask[p] = indices[p] != 0 at each position p, a step of a row
//
// Shapes   indices, mask [POSITIONS]
// Threads  one invocation owns one element of the mask
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/layers/core/embedding.py compute_mask
override POSITIONS: u32;   // T * B

@group(0) @binding(0) var<storage, read> indices: array<f32>;
@group(0) @binding(1) var<storage, read_write> mask: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < POSITIONS) {
    mask[index] = select(0.0, 1.0, indices[index] != 0.0);
  }
}
