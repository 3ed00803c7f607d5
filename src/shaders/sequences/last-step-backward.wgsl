// The gradient of a sequence of which only the last step that counts was taken: zero at all others.
//
//   input_gradient[t, b] = output_gradient[b] at the last t of mask[t, b] = 1, else 0      (without MASKED at the last of all)
//
// Shapes   mask [STEPS, ROWS], not read without MASKED   output_gradient [ROWS, FEATURES]
//          input_gradient [STEPS, ROWS, FEATURES]
// Threads  one invocation owns one feature of one row at all steps, and goes from the last step to the first
// Hazards  none: no element is read by another invocation
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
  // What the last step that counts takes, and the steps before it find empty.
  var left = output_gradient[index];
  for (var steps = STEPS; steps > 0; steps--) {
    let t = steps - 1;
    let counts = MASKED == 0 || mask[t * ROWS + index / FEATURES] != 0.0;
    input_gradient[t * ROWS * FEATURES + index] = select(0.0, left, counts);
    left = select(left, 0.0, counts);
  }
}
