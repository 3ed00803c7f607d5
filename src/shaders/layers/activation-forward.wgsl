// Applies an activation to every element.
//
//   y = activation(z)      ACTIVATION: a number of prelude/activations.wgsl
//
// Shapes   z, y [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/activations/activations.py
override ELEMENTS: u32;
override ACTIVATION: u32;

@group(0) @binding(0) var<storage, read> z: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < ELEMENTS) {
    y[index] = activate(ACTIVATION, z[index]);
  }
}
