// Clamps every element of a gradient, in place.
//
//   gradient = clamp(gradient, -LARGEST, LARGEST)
//
// Shapes   gradient [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/optimizers/base_optimizer.py, clipvalue
override ELEMENTS: u32;
override LARGEST: f32;

@group(0) @binding(0) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < ELEMENTS) {
    gradient[index] = nan_clamp(gradient[index], -LARGEST, LARGEST);
  }
}
