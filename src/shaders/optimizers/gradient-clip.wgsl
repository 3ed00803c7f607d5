// Scales a gradient, or a part of it, down to the largest norm allowed, in place.
//
//   gradient *= LARGEST / max(norm, LARGEST)
//
// Shapes   gradient [>= FIRST + ELEMENTS]   norm [1]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/optimizers/base_optimizer.py, clipnorm and global_clipnorm
override FIRST: u32;     // offset of the part in the gradient
override ELEMENTS: u32;
override LARGEST: f32;

@group(0) @binding(0) var<storage, read> norm: array<f32>;
@group(0) @binding(1) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < ELEMENTS) {
    gradient[FIRST + index] *= LARGEST / nan_max(norm[0], LARGEST);
  }
}
