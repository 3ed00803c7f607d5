// Computes categorical cross-entropy and its gradient, from logits fused with the softmax, or from probabilities.
//
//   y = target * (1 - SMOOTHING) + SMOOTHING / FEATURES, or with SPARSE 1 for the class that is the target and 0 for the others
//   FROM_LOGITS   p = softmax(z)                             loss = -sum of y log p       dz = (p * sum of y - y) / count
//   otherwise     p = clip(prediction / sum of predictions, 1e-7, 1 - 1e-7)               0 through what is clipped
//   and SPARSE    p = clip(prediction) / sum of clipped predictions
//   loss and gradient times the weight
//
// Shapes   output, prediction, gradient [STEPS, ROWS, FEATURES]   target the same, or with SPARSE [STEPS, ROWS]
//          weights [STEPS, ROWS]   journal [capacity, COLUMNS]
// Threads  one workgroup shares all positions, so that the sum of the losses has a fixed order; one invocation owns a position
// Hazards  the sum is reduced in workgroup memory; all other positions are read and written by one invocation
// Source   keras/src/backend/tensorflow/nn.py categorical_crossentropy, sparse_categorical_crossentropy
override FROM_LOGITS: u32;
override SPARSE: u32;
override SMOOTHING: f32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> output: array<f32>;
@group(0) @binding(2) var<storage, read> target_value: array<f32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> prediction: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> journal: array<f32>;

// Target of output k after label smoothing.
fn smoothed_target(position: u32, k: u32) -> f32 {
  if (SPARSE == 1) {
    return select(0.0, 1.0, u32(target_value[position]) == k);
  }
  return target_value[position * FEATURES + k] * (1.0 - SMOOTHING) + SMOOTHING / f32(FEATURES);
}

fn clip(p: f32) -> f32 {
  return nan_clamp(p, PROBABILITY_MARGIN, 1.0 - PROBABILITY_MARGIN);
}

// Returns the loss of a position, and writes its predictions, and the derivatives of the loss to `gradient`.
fn loss_of_logits(position: u32) -> f32 {
  let first = position * FEATURES;
  var largest = output[first];
  for (var k = 1u; k < FEATURES; k++) {
    largest = max(largest, output[first + k]);
  }
  var sum = 0.0;
  var target_sum = 0.0;
  for (var k = 0u; k < FEATURES; k++) {
    let e = exp(output[first + k] - largest);
    prediction[first + k] = e;
    sum += e;
    target_sum += smoothed_target(position, k);
  }
  let log_sum = log(sum);
  var loss = 0.0;
  for (var k = 0u; k < FEATURES; k++) {
    let y = smoothed_target(position, k);
    let p = prediction[first + k] / sum;
    loss += y * (log_sum - (output[first + k] - largest));
    prediction[first + k] = p;
    gradient[first + k] = p * target_sum - y;
  }
  return keep_nan(sum, loss);
}

// The same from probabilities, whose derivatives have a part through the sum by which predictions are divided.
fn loss_of_probabilities(position: u32) -> f32 {
  let first = position * FEATURES;
  var sum = 0.0;
  for (var k = 0u; k < FEATURES; k++) {
    let p = output[first + k];
    prediction[first + k] = p;
    sum += select(p, clip(p), SPARSE == 1);
  }
  var loss = 0.0;
  var through_sum = 0.0;
  for (var k = 0u; k < FEATURES; k++) {
    let y = smoothed_target(position, k);
    let p = output[first + k];
    // Clipping applies to the normalized prediction, or with SPARSE to the prediction itself.
    let before = select(p / sum, p, SPARSE == 1);
    let clipped = clip(before);
    let derivative = -y / clipped;
    loss -= y * log(select(clipped, clipped / sum, SPARSE == 1));
    gradient[first + k] = keep_nan(before, select(0.0, derivative, clipped == before));
    if (SPARSE == 1) {
      through_sum += y;
    } else {
      through_sum += gradient[first + k] * before;
    }
  }
  for (var k = 0u; k < FEATURES; k++) {
    if (SPARSE == 1) {
      let p = output[first + k];
      gradient[first + k] += keep_nan(sum, select(0.0, through_sum / sum, clip(p) == p));
    } else {
      gradient[first + k] = (gradient[first + k] - through_sum) / sum;
    }
  }
  return keep_nan(sum, loss);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let share = 1.0 / f32(STEPS);
  let scale = share / f32(update.row_count);
  var sum = 0.0;
  for (var position = thread; position < position_count(); position += THREADS) {
    var loss = 0.0;
    if (FROM_LOGITS == 1) {
      loss = loss_of_logits(position);
    } else {
      loss = loss_of_probabilities(position);
    }
    let weight = weight_of(position, update.row_count);
    if (weight != 0.0) {
      sum += weight * loss;
    }
    for (var e = position * FEATURES; e < (position + 1) * FEATURES; e++) {
      gradient[e] = select(0.0, weight * gradient[e] * scale, weight != 0.0);
    }
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    journal[update.journal_row * COLUMNS + COLUMN] = total * share;
  }
}
