// Merges the outputs of the two directions of a bidirectional layer, the second of which is in reversed order.
//
//   merged[t] = mask[t] * merge(forward[t], reversed[STEPS - 1 - t])
//
// Shapes   forward, reversed [STEPS, ROWS, UNITS]   mask [STEPS, ROWS], not read without MASKED
//          merged [STEPS, ROWS, UNITS], and with MODE CONCAT [STEPS, ROWS, 2 UNITS]
// Threads  one invocation owns one unit of one row at one step
// Hazards  none: each element is read and written by one invocation
// Source   Schuster & Paliwal 1997; keras/src/layers/rnn/bidirectional.py
override STEPS: u32;
override ROWS: u32;
override UNITS: u32;
override MODE: u32;
override MASKED: u32;

@group(0) @binding(0) var<storage, read> forward: array<f32>;
@group(0) @binding(1) var<storage, read> reversed: array<f32>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read_write> merged: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  let stride = ROWS * UNITS;
  if (index >= STEPS * stride) {
    return;
  }
  let is_unmasked = MASKED == 0 || mask[index / UNITS] != 0.0;
  let f = select(0.0, forward[index], is_unmasked);
  let r = select(0.0, reversed[(STEPS - 1 - index / stride) * stride + index % stride], is_unmasked);
  switch (MODE) {
    case CONCAT: {
      let offset = (index / UNITS) * 2 * UNITS + index % UNITS;
      merged[offset] = f;
      merged[offset + UNITS] = r;
    }
    case SUM: { merged[index] = f + r; }
    case MUL: { merged[index] = f * r; }
    default: { merged[index] = 0.5 * (f + r); }
  }
}
