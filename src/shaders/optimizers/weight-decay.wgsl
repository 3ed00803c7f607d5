// Shrinks the weights before the optimizer's step, independently of their gradient.
//
//   parameter -= parameter * WEIGHT_DECAY * learning_rate
//
// Shapes   parameters [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   Loshchilov & Hutter 2019; keras/src/optimizers/base_optimizer.py _apply_weight_decay
override ELEMENTS: u32;
override WEIGHT_DECAY: f32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read_write> parameters: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS || accumulates_only(update)) {
    return;
  }
  parameters[index] -= parameters[index] * WEIGHT_DECAY * update.learning_rate;
}
