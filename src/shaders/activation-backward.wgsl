// The gradient before an activation, from the gradient behind it and the activation's value.
//
//   dz = dy * activation'(y)      ACTIVATION: 0 sigmoid, 1 tanh, 2 relu
//
// Shapes   y, dy, dz [ELEMENTS]
// Threads  one invocation owns one element
// Hazards  none: no element is read by another invocation
// Source   derivative of activation-forward.wgsl
override ELEMENTS: u32;
override ACTIVATION: u32;

@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dz: array<f32>;

fn slope(value: f32) -> f32 {
  switch (ACTIVATION) {
    case 0: { return value * (1.0 - value); }
    case 1: { return 1.0 - value * value; }
    default: { return select(0.0, 1.0, value > 0.0); }
  }
}

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < ELEMENTS) {
    dz[index] = dy[index] * slope(y[index]);
  }
}
