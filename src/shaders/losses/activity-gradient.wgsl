// Adds the gradient of the penalty on a layer's outputs to the gradient of these outputs.
//
//   gradient += (L1 * sign(y) + 2 * L2 * y) / rows that carry a sample       0 in rows without one
//
// Shapes   values, gradient [T, B, F] or [B, F]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   derivative of activity-penalty.wgsl
override ELEMENTS: u32;
override ROWS: u32;       // B
override FEATURES: u32;   // F
override L1: f32;
override L2: f32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS || index / FEATURES % ROWS >= update.row_count) {
    return;
  }
  let y = values[index];
  gradient[index] += (L1 * nan_sign(y) + 2.0 * L2 * y) / f32(update.row_count);
}
