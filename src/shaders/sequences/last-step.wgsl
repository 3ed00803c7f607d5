// Selects the last unmasked step of every sequence, or zeros if all its steps are masked.
//
//   output[b] = input[t, b] with the last t of mask[t, b] = 1      (without MASKED the last of all)
//
// Shapes   mask [STEPS, ROWS], not read without MASKED   input [STEPS, ROWS, FEATURES]   output [ROWS, FEATURES]
// Threads  one invocation owns one element of the output
// Hazards  none: each element is read and written by one invocation
// Source   —
override STEPS: u32;
override ROWS: u32;
override FEATURES: u32;
override MASKED: u32;

@group(0) @binding(0) var<storage, read> mask: array<f32>;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ROWS * FEATURES) {
    return;
  }
  var steps = STEPS;
  if (MASKED == 1) {
    while (steps > 0 && mask[(steps - 1) * ROWS + index / FEATURES] == 0.0) {
      steps--;
    }
  }
  var value = 0.0;
  if (steps > 0) {
    value = input[(steps - 1) * ROWS * FEATURES + index];
  }
  output[index] = value;
}
