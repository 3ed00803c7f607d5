// Adds the penalty on the size of a layer's outputs to the loss in the journal.
//
//   penalty = (L1 * sum of |y| + L2 * sum of y²) / rows that carry a sample
//
// Shapes   values [T, B, F] or [B, F]   journal [capacity, COLUMNS], sums over samples, which cancel the division
// Threads  one workgroup shares all elements, so that the sum has a fixed order
// Hazards  the sum is reduced in workgroup memory; the loss of the same update was written by an earlier dispatch
// Source   keras/src/layers/layer.py __call__, activity_regularizer
override ELEMENTS: u32;
override ROWS: u32;       // B
override FEATURES: u32;   // F
override COLUMNS: u32;    // columns of the journal, the first of which is the loss
override L1: f32;
override L2: f32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> journal: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var e = thread; e < ELEMENTS; e += THREADS) {
    let y = values[e];
    if (e / FEATURES % ROWS < update.row_count) {
      sum += L1 * abs(y) + L2 * y * y;
    }
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    journal[update.journal_row * COLUMNS] += total;
  }
}
