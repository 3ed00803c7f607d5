// Computes the softmax of every row.
//
//   y = exp(z - largest z) / sum of exp(z - largest z)
//
// Shapes   z, y [ROWS, FEATURES]
// Threads  one invocation owns one row
// Hazards  none: each row is read and written by one invocation
// Source   keras/src/activations/activations.py softmax
override ROWS: u32;
override FEATURES: u32;

@group(0) @binding(0) var<storage, read> z: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = element_index(id, groups);
  if (row >= ROWS) {
    return;
  }
  let first = row * FEATURES;
  var largest = z[first];
  for (var k = 1u; k < FEATURES; k++) {
    largest = max(largest, z[first + k]);
  }
  var sum = 0.0;
  for (var k = 0u; k < FEATURES; k++) {
    let e = exp(z[first + k] - largest);
    y[first + k] = e;
    sum += e;
  }
  for (var k = 0u; k < FEATURES; k++) {
    y[first + k] /= sum;
  }
}
