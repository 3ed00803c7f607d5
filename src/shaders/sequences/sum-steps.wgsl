// Sums over all steps.
//
//   output = sum over t of input[t]
//
// Shapes   input [STEPS, ELEMENTS]   output [ELEMENTS]      with ELEMENTS rows times features
// Threads  one invocation owns one element of the output and adds in order of time
// Hazards  none: each element is read and written by one invocation
// Source   derivative of repeat-vector.wgsl
override STEPS: u32;
override ELEMENTS: u32;

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS) {
    return;
  }
  var sum = 0.0;
  for (var t = 0u; t < STEPS; t++) {
    sum += input[t * ELEMENTS + index];
  }
  output[index] = sum;
}
