// Computes a loss of the difference between prediction and target, and its gradient.
//
//   d = prediction - target      loss = mean of weight * f(d)      gradient = weight * f'(d) / count
//   mean squared error: f = d²      mean absolute error: f = |d|
//   Huber: f = d² / 2 up to |d| = DELTA, then DELTA (|d| - DELTA / 2)
//
// Shapes   prediction, target, gradient [STEPS, ROWS, FEATURES]   weights [STEPS, ROWS]   journal [capacity, COLUMNS]
// Threads  one workgroup shares all elements, so that the sum of the losses has a fixed order
// Hazards  the sum is reduced in workgroup memory; all other elements are read and written by one invocation
// Source   keras/src/losses/losses.py mean_squared_error, mean_absolute_error, huber
override KIND: u32;
override DELTA: f32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
@group(0) @binding(2) var<storage, read> target_value: array<f32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> journal: array<f32>;

// Numbers of the losses: positions in `REGRESSION_LOSSES` (models/network/objective/losses.ts).
const MEAN_SQUARED_ERROR = 0u;
const MEAN_ABSOLUTE_ERROR = 1u;
const HUBER = 2u;

struct LossAndDerivative {
  value: f32,
  derivative: f32,
}

fn loss_of(d: f32) -> LossAndDerivative {
  let size = abs(d);
  switch (KIND) {
    case MEAN_SQUARED_ERROR: { return LossAndDerivative(d * d, 2.0 * d); }
    case MEAN_ABSOLUTE_ERROR: { return LossAndDerivative(size, nan_sign(d)); }
    default: {
      if (size <= DELTA) {
        return LossAndDerivative(0.5 * d * d, d);
      }
      return LossAndDerivative(DELTA * (size - 0.5 * DELTA), DELTA * nan_sign(d));
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let share = sample_share();
  let scale = share / f32(update.row_count);
  var sum = 0.0;
  for (var e = thread; e < element_count(); e += THREADS) {
    gradient[e] = 0.0;
    let weight = weight_of(e / FEATURES, update.row_count);
    if (weight != 0.0) {
      let result = loss_of(prediction[e] - target_value[e]);
      sum += weight * result.value;
      gradient[e] = weight * result.derivative * scale;
    }
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    journal[update.journal_row * COLUMNS + COLUMN] = total * share;
  }
}
