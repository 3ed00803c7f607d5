// Gathers the samples of a batch, or a window of their steps, from a data set and transposes them to time-major order.
//
//   batch[t, b, f] = samples[rows[b].sample, rows[b].first_step + t, f]     (0 in rows without a sample)
//
// Shapes   samples [N, SAMPLE_STEPS, F]   rows [updates * B]   batch [T, B, F]
// Threads  one invocation owns one element of the batch
// Hazards  none: each element is read and written by one invocation
// Source   —
override SAMPLE_STEPS: u32;
override STEPS: u32;
override ROWS: u32;
override FEATURES: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> samples: array<f32>;
@group(0) @binding(3) var<storage, read_write> batch: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= STEPS * ROWS * FEATURES) {
    return;
  }
  let feature = index % FEATURES;
  let row = (index / FEATURES) % ROWS;
  let step = index / (FEATURES * ROWS);
  var value = 0.0;
  if (row < update.row_count) {
    let entry = rows[update.first_row + row];
    value = samples[(entry.sample * SAMPLE_STEPS + entry.first_step + step) * FEATURES + feature];
  }
  batch[index] = value;
}
