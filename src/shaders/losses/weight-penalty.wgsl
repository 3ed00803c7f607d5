// Adds the penalty on the size of a weight to the loss in the journal, and its gradient to the gradient of the weight.
//
//   penalty = L1 * sum of |w| + L2 * sum of w²      gradient += L1 * sign(w) + 2 * L2 * w
//
// Shapes   parameters, gradient [>= FIRST + ELEMENTS]   journal [capacity, COLUMNS]
// Threads  one workgroup shares all elements, so that the sum has a fixed order
// Hazards  the sum is reduced in workgroup memory; the loss of the same update was written by an earlier dispatch
// Source   keras/src/regularizers/regularizers.py
override FIRST: u32;     // offset of the weight in the parameters
override ELEMENTS: u32;
override COLUMNS: u32;   // columns of the journal, the first of which is the loss
override L1: f32;
override L2: f32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> journal: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var e = FIRST + thread; e < FIRST + ELEMENTS; e += THREADS) {
    let w = parameters[e];
    sum += L1 * abs(w) + L2 * w * w;
    gradient[e] += L1 * nan_sign(w) + 2.0 * L2 * w;
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    // The journal holds sums over samples, and the penalty counts once for each.
    journal[update.journal_row * COLUMNS] += total * f32(update.row_count);
  }
}
