// Computes binary cross-entropy and its gradient, from logits fused with the sigmoid, or from probabilities.
//
//   y = target * (1 - SMOOTHING) + SMOOTHING / 2
//   FROM_LOGITS       p = sigmoid(z)      loss = max(z, 0) - z * y + log(1 + exp(-|z|))             dz = (p - y) / count
//   otherwise         p = clip(prediction, 1e-7, 1 - 1e-7)   loss = -y log p - (1 - y) log(1 - p)   0 gradient where clipped
//   loss and gradient times the weight
//
// Shapes   output, target, prediction, gradient [STEPS, ROWS, FEATURES]   weights [STEPS, ROWS]   journal [capacity, COLUMNS]
// Threads  one workgroup shares all elements, so that the sum of the losses has a fixed order
// Hazards  the sum is reduced in workgroup memory; all other elements are read and written by one invocation
// Source   keras/src/backend/tensorflow/nn.py binary_crossentropy, keras/src/losses/losses.py
override FROM_LOGITS: u32;
override SMOOTHING: f32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> output: array<f32>;
@group(0) @binding(2) var<storage, read> target_value: array<f32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> prediction: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> journal: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let share = sample_share();
  let scale = share / f32(update.row_count);
  var sum = 0.0;
  for (var e = thread; e < element_count(); e += THREADS) {
    let y = target_value[e] * (1.0 - SMOOTHING) + 0.5 * SMOOTHING;
    var result: OutputLoss;
    if (FROM_LOGITS == 1) {
      result = crossentropy_of_logit(output[e], y);
    } else {
      result = crossentropy_of_probability(output[e], y);
    }
    prediction[e] = result.prediction;
    gradient[e] = 0.0;
    let weight = weight_of(e / FEATURES, update.row_count);
    if (weight != 0.0) {
      sum += weight * result.loss;
      gradient[e] = weight * result.derivative * scale;
    }
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    journal[update.journal_row * COLUMNS + COLUMN] = total * share;
  }
}
