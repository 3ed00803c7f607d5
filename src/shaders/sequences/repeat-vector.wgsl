// Repeats a vector at every step.
//
//   output[t] = input
//
// Shapes   input [ELEMENTS]   output [STEPS, ELEMENTS]      with ELEMENTS rows times features
// Threads  one invocation owns one element of the output
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/layers/reshaping/repeat_vector.py
override STEPS: u32;
override ELEMENTS: u32;

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < STEPS * ELEMENTS) {
    output[index] = input[index % ELEMENTS];
  }
}
