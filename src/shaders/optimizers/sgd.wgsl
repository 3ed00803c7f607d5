// Applies a step of gradient descent to the flat parameters, with momentum or Nesterov momentum if asked for.
//
//   velocity = MOMENTUM * velocity - step_size * gradient
//   parameter += velocity, or with NESTEROV: MOMENTUM * velocity - step_size * gradient
//
// Shapes   parameters, gradient [ELEMENTS]   moments: velocity [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/optimizers/sgd.py
override ELEMENTS: u32;
override MOMENTUM: f32;
override NESTEROV: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS || accumulates_only(update)) {
    return;
  }
  let step = update.step_size * gradient[index];
  let velocity = MOMENTUM * moments[index] - step;
  moments[index] = velocity;
  if (NESTEROV == 1) {
    parameters[index] += MOMENTUM * velocity - step;
  } else {
    parameters[index] += velocity;
  }
}
