// Computes the gradient of the input of a softmax from its output and the gradient of that.
//
//   dz = y * (dy - sum over the row of dy * y)
//
// Shapes   y, dy, dz [ROWS, FEATURES]
// Threads  one invocation owns one row
// Hazards  none: each row is read and written by one invocation
// Source   derivative of softmax-forward.wgsl
override ROWS: u32;
override FEATURES: u32;

@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dz: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = element_index(id, groups);
  if (row >= ROWS) {
    return;
  }
  let first = row * FEATURES;
  var sum = 0.0;
  for (var k = 0u; k < FEATURES; k++) {
    sum += dy[first + k] * y[first + k];
  }
  for (var k = 0u; k < FEATURES; k++) {
    dz[first + k] = y[first + k] * (dy[first + k] - sum);
  }
}
