// Mean squared error with its gradient.
//
//   loss = mean of (prediction - y)²      gradient = 2 (prediction - y) / count
//
// Shapes   prediction, target, gradient [STEPS, ROWS, FEATURES]   journal [capacity, COLUMNS]
// Threads  one workgroup shares all elements, so that the sum of the losses has a fixed order
// Hazards  the sum goes through workgroup memory; no other element is read by another invocation
// Source   keras/src/losses/losses.py mean_squared_error
@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
@group(0) @binding(2) var<storage, read> target_value: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> journal: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let share = sample_share();
  let scale = 2.0 * share / f32(update.row_count);
  var sum = 0.0;
  for (var e = thread; e < element_count(); e += THREADS) {
    if (counts(e, update.row_count)) {
      let difference = prediction[e] - target_value[e];
      sum += difference * difference;
      gradient[e] = difference * scale;
    } else {
      gradient[e] = 0.0;
    }
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    journal[update.journal_row * COLUMNS + COLUMN] = total * share;
  }
}
