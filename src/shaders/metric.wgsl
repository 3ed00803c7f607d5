// A metric of a batch, noted in its column of the journal.
//
//   METRIC 0, binary accuracy:       mean of [(prediction > 0.5) = y]
//   METRIC 1, mean absolute error:   mean of |prediction - y|
//   METRIC 2, mean squared error:    mean of (prediction - y)²
//
// Shapes   prediction, target [STEPS, ROWS, FEATURES]   journal [capacity, COLUMNS]
// Threads  one workgroup shares all elements, so that the sum has a fixed order
// Hazards  the sum goes through workgroup memory
// Source   keras/src/metrics/accuracy_metrics.py, regression_metrics.py
@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
@group(0) @binding(2) var<storage, read> target_value: array<f32>;
@group(0) @binding(3) var<storage, read_write> journal: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var e = thread; e < element_count(); e += THREADS) {
    if (counts(e, update.row_count)) {
      sum += metric(prediction[e], target_value[e]);
    }
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    journal[update.journal_row * COLUMNS + COLUMN] = total * sample_share();
  }
}
