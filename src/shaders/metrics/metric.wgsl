// Computes a metric of a batch, and writes its weighted sum and the sum of the weights to two columns of the journal.
//
//   METRIC 0, binary accuracy:       mean of [(prediction > THRESHOLD) = y]
//   METRIC 1, mean absolute error:   mean of |prediction - y|
//   METRIC 2, mean squared error:    mean of (prediction - y)²
//
// Shapes   prediction, target [STEPS, ROWS, FEATURES]   weights [STEPS, ROWS]   journal [capacity, COLUMNS]
// Threads  one workgroup shares all elements, so that the sums have a fixed order
// Hazards  the sums are reduced in workgroup memory
// Source   keras/src/metrics/accuracy_metrics.py, regression_metrics.py
@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
@group(0) @binding(2) var<storage, read> target_value: array<f32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> journal: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  var weight_sum = 0.0;
  for (var e = thread; e < element_count(); e += THREADS) {
    let weight = weight_of(e / FEATURES, update.row_count);
    if (weight != 0.0) {
      sum += weight * metric(prediction[e], target_value[e]);
      weight_sum += weight;
    }
  }
  let total = workgroup_sum(sum, thread);
  let weight_total = workgroup_sum(weight_sum, thread);
  if (thread == 0) {
    let index = update.journal_row * COLUMNS + COLUMN;
    journal[index] = total * sample_share();
    journal[index + 1] = weight_total * sample_share();
  }
}
