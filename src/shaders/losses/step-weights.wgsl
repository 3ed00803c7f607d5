// Computes the weight of each step in the loss from the mask and the sample weights.
//
//   valid  = mask is not 0, in a row that has a sample
//   weight = valid * sample weight, and with NORMALIZED times steps / valid steps, so that the mean over all steps is the
//            mean over the valid ones
//   journal, with NORMALIZED: the number of valid steps, by which losses of windows of longer sequences are combined
//
// Shapes   mask, sample_weights, weights [STEPS, ROWS]; sample_weights is read with WEIGHTED only
//          journal [capacity, COLUMNS]
// Threads  one workgroup shares all steps, so that it can count the valid ones
// Hazards  the sum is reduced in workgroup memory; all other elements are read and written by one invocation
// Source   keras/src/losses/loss.py apply_mask
override STEPS: u32;
override ROWS: u32;
override WEIGHTED: u32;     // 1: there are sample weights
override NORMALIZED: u32;   // 1: weights are scaled so that masked steps do not lower the mean
override COLUMNS: u32;      // columns of the journal
override COLUMN: u32;       // column of the number of valid steps

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> mask: array<f32>;
@group(0) @binding(2) var<storage, read> sample_weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> journal: array<f32>;

fn valid(index: u32) -> f32 {
  return select(0.0, 1.0, mask[index] != 0.0 && index % ROWS < update.row_count);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < STEPS * ROWS; i += THREADS) {
    sum += valid(i);
  }
  let count = workgroup_sum(sum, thread);
  var scale = 1.0;
  if (NORMALIZED == 1) {
    scale = f32(STEPS * update.row_count) / (count + 1e-7);
    if (thread == 0) {
      journal[update.journal_row * COLUMNS + COLUMN] = count;
    }
  }
  for (var i = thread; i < STEPS * ROWS; i += THREADS) {
    var weight = valid(i) * scale;
    if (WEIGHTED == 1) {
      weight *= sample_weights[i];
    }
    weights[i] = weight;
  }
}
