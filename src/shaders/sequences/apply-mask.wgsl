// Sets to zero the steps whose mask is ZEROED: 0 for padding, 1 for the steps that an array of resets marks.
//
//   output[n] = mask[n] == ZEROED ? 0 : input[n]
//
// Shapes   input, output [N, FEATURES]   mask [N]      with N steps times rows
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   derivative of masking.wgsl
override SAMPLES: u32;   // N, steps times rows
override FEATURES: u32;
override ZEROED: f32;    // the mask of the steps that are set to zero

@group(0) @binding(0) var<storage, read> mask: array<f32>;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < SAMPLES * FEATURES) {
    output[index] = select(input[index], 0.0, mask[index / FEATURES] == ZEROED);
  }
}
