// Gathers the windows of a convolution over time as the rows of a matrix, so that the convolution is a product of matrices.
//
//   windows[t, b, k, c] = input[STRIDE t + DILATION k - PADDING, b, c]      or 0 where there is no such step
//
// Shapes   input [STEPS, ROWS, PARTS]   windows [WINDOWS, ROWS, TAPS, PARTS]
// Threads  one invocation owns one part of the windows
// Hazards  none: each part is written by one invocation
// Source   im2col, as Chellapilla et al. 2006 unroll convolutions
override STEPS: u32;
override ROWS: u32;
override PARTS: u32;      // the features of a step, or vectors of four of them
override WINDOWS: u32;    // steps of the output
override TAPS: u32;       // steps of a window
override STRIDE: u32;     // steps from a window to the next
override DILATION: u32;   // steps from a tap to the next
override PADDING: u32;    // steps of zeros in front of the first one

@group(0) @binding(0) var<storage, read> input: array<Part>;
@group(0) @binding(1) var<storage, read_write> windows: array<Part>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= WINDOWS * ROWS * TAPS * PARTS) {
    return;
  }
  let part = index % PARTS;
  let tap = index / PARTS % TAPS;
  let row = index / (PARTS * TAPS) % ROWS;
  let window = index / (PARTS * TAPS * ROWS);
  // The number of the step if those of zeros in front were counted too.
  let padded_step = STRIDE * window + DILATION * tap;
  var value = Part();
  if (padded_step >= PADDING && padded_step - PADDING < STEPS) {
    value = input[((padded_step - PADDING) * ROWS + row) * PARTS + part];
  }
  windows[index] = value;
}
