// Computes how often the largest output is that of the right class, and writes the weighted sum and the sum of the weights to
// the journal.
//
//   SPARSE 0:   mean of [position of the largest prediction = position of the largest target]; the first of equals
//   SPARSE 1:   mean of [position of the largest prediction = target]
//   NaN at a position that has a NaN among its predictions, since none of them is the largest then
//
// Shapes   prediction [STEPS, ROWS, FEATURES]   target the same, or with SPARSE [STEPS, ROWS]   weights [STEPS, ROWS]
//          journal [capacity, COLUMNS]
// Threads  one workgroup shares all positions, so that the sums have a fixed order
// Hazards  the sums are reduced in workgroup memory
// Source   keras/src/metrics/accuracy_metrics.py categorical_accuracy, sparse_categorical_accuracy
override SPARSE: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
@group(0) @binding(2) var<storage, read> target_value: array<f32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> journal: array<f32>;

fn is_right(position: u32) -> bool {
  let first = position * FEATURES;
  var predicted = 0u;
  var right = 0u;
  for (var k = 1u; k < FEATURES; k++) {
    if (prediction[first + k] > prediction[first + predicted]) {
      predicted = k;
    }
    if (SPARSE == 0 && target_value[first + k] > target_value[first + right]) {
      right = k;
    }
  }
  if (SPARSE == 1) {
    right = u32(target_value[position]);
  }
  return predicted == right;
}

// A number that is NaN if one of the predictions of a position is.
fn nan_of_predictions(position: u32) -> f32 {
  var sum = 0.0;
  for (var k = 0u; k < FEATURES; k++) {
    sum += keep_nan(prediction[position * FEATURES + k], 0.0);
  }
  return sum;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let share = 1.0 / f32(STEPS);
  var sum = 0.0;
  var weight_sum = 0.0;
  for (var position = thread; position < position_count(); position += THREADS) {
    let weight = weight_of(position, update.row_count);
    if (weight != 0.0) {
      sum += keep_nan(nan_of_predictions(position), select(0.0, weight, is_right(position)));
      weight_sum += weight;
    }
  }
  let total = workgroup_sum(sum, thread);
  let weight_total = workgroup_sum(weight_sum, thread);
  if (thread == 0) {
    let index = update.journal_row * COLUMNS + COLUMN;
    journal[index] = total * share;
    journal[index + 1] = weight_total * share;
  }
}
