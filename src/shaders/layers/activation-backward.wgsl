// Computes the gradient of the input of an activation from its output and the gradient of that.
//
//   dz = dy * activation'(z), from y = activation(z)      ACTIVATION: a number of prelude/activations.wgsl
//
// Shapes   y, dy, dz [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   derivative of activation-forward.wgsl
override ELEMENTS: u32;
override ACTIVATION: u32;

@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dz: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < ELEMENTS) {
    dz[index] = dy[index] * activation_derivative(ACTIVATION, y[index]);
  }
}
