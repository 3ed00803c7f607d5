// Scatters the results of a batch to the positions of their samples in the data set: the inverse of batch-gather.
//
//   samples[rows[b].sample, t, f] = batch[FIRST + t, b, f]     (rows without a sample write nothing)
//
// Shapes   batch [>= FIRST + T, B, F]   rows [updates * B]   samples [N, T, F]
// Threads  one invocation owns one element of the batch
// Hazards  two rows of one batch never name the same sample
// Source   —
override FIRST: u32;
override STEPS: u32;
override ROWS: u32;
override FEATURES: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> batch: array<f32>;
@group(0) @binding(3) var<storage, read_write> samples: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= STEPS * ROWS * FEATURES) {
    return;
  }
  let feature = index % FEATURES;
  let row = (index / FEATURES) % ROWS;
  let step = index / (FEATURES * ROWS);
  if (row < update.row_count) {
    let sample = rows[update.first_row + row].sample;
    samples[(sample * STEPS + step) * FEATURES + feature] = batch[FIRST * ROWS * FEATURES + index];
  }
}
