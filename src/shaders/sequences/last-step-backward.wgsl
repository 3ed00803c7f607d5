// Computes the gradient of the input of last-step: zero at every step but the last unmasked one.
//
//   input_gradient[t, b] = output_gradient[b] at the last t of mask[t, b] = 1, else 0      (without MASKED at the last of all)
//
// Shapes   mask [STEPS, ROWS], not read without MASKED   output_gradient [ROWS, FEATURES]
//          input_gradient [STEPS, ROWS, FEATURES]
// Threads  one invocation owns one feature of one row at all steps, and goes from the last step to the first
// Hazards  none: each element is read and written by one invocation
// Source   derivative of last-step.wgsl
override STEPS: u32;
override ROWS: u32;
override FEATURES: u32;
override MASKED: u32;

@group(0) @binding(0) var<storage, read> mask: array<f32>;
@group(0) @binding(1) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> input_gradient: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ROWS * FEATURES) {
    return;
  }
  // The last unmasked step takes the gradient; all steps before it get zero.
  var remaining = output_gradient[index];
  for (var steps = STEPS; steps > 0; steps--) {
    let t = steps - 1;
    let is_unmasked = MASKED == 0 || mask[t * ROWS + index / FEATURES] != 0.0;
    input_gradient[t * ROWS * FEATURES + index] = select(0.0, remaining, is_unmasked);
    remaining = select(remaining, 0.0, is_unmasked);
  }
}
