// Accumulates the gradients of several updates; the last of these updates gets their mean as its gradient.
//
//   accumulated += gradient      in an update that steps: gradient = accumulated / COUNT, accumulated = 0
//
// Shapes   gradient, accumulated [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/optimizers/base_optimizer.py gradient_accumulation_steps
override ELEMENTS: u32;
override COUNT: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read_write> accumulated: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS) {
    return;
  }
  let sum = accumulated[index] + gradient[index];
  if (accumulates_only(update)) {
    accumulated[index] = sum;
  } else {
    accumulated[index] = 0.0;
    gradient[index] = sum / f32(COUNT);
  }
}
