// Masks the steps whose features all equal MASK_VALUE, and sets them to zero.
//
//   mask[n] = any(input[n] != MASK_VALUE)      output[n] = mask[n] * input[n]
//
// Shapes   input, output [N, FEATURES]   mask [N]      with N steps times rows
// Threads  one invocation owns one step of one row
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/layers/core/masking.py
override SAMPLES: u32;     // N, steps times rows
override FEATURES: u32;
override MASK_VALUE: f32;

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read_write> mask: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= SAMPLES) {
    return;
  }
  let first = index * FEATURES;
  var is_unmasked = false;
  for (var f = first; f < first + FEATURES; f++) {
    is_unmasked = is_unmasked || input[f] != MASK_VALUE;
  }
  for (var f = first; f < first + FEATURES; f++) {
    output[f] = select(0.0, input[f], is_unmasked);
  }
  mask[index] = select(0.0, 1.0, is_unmasked);
}
