// Sets a random fraction of the elements to zero and scales the others up. The backward pass runs the same kernel on gradients:
// with the seed of the same update it drops the same elements.
//
//   output[e] = random(seed of the update, STREAM, FIRST + e % DISTINCT) < RATE ? 0 : SCALE * input[e]     + output[e] with ADD
//
// Shapes   input, output [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   Srivastava et al. 2014, with the scale at training; keras/src/layers/regularization/dropout.py
override ELEMENTS: u32;
override DISTINCT: u32;  // number of random draws, after which they repeat, so that all steps of a sequence can share them
override FIRST: u32;     // index of the first draw
override STREAM: u32;    // number of the stream of random numbers, which differs from layer to layer
override RATE: f32;
override SCALE: f32;     // 1 / (1 - RATE)
override ADD: u32;       // 1: the result is added to output

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS) {
    return;
  }
  let kept = random_uniform(update.seed, STREAM, FIRST + index % DISTINCT) >= RATE;
  var value = select(0.0, SCALE * input[index], kept);
  if (ADD == 1) {
    value += output[index];
  }
  output[index] = value;
}
