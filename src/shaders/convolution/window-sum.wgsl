// Computes the gradient of the input of window-gather: each step sums the gradients of its places in all windows.
//
//   input_gradient[s, b, c] = sum over k of windows_gradient[t, b, k, c]      with STRIDE t + DILATION k - PADDING = s
//
// Shapes   windows_gradient [WINDOWS, ROWS, TAPS, PARTS]   input_gradient [STEPS, ROWS, PARTS]
// Threads  one invocation owns one part of the input's gradient and adds in order of the taps
// Hazards  none: the gradient is overwritten by its owner, and nothing is added up by two invocations
// Source   derivative of window-gather.wgsl
override STEPS: u32;
override ROWS: u32;
override PARTS: u32;      // the features of a step, or vectors of four of them
override WINDOWS: u32;    // steps of the output
override TAPS: u32;       // steps of a window
override STRIDE: u32;     // steps from a window to the next
override DILATION: u32;   // steps from a tap to the next
override PADDING: u32;    // steps of zeros in front of the first one

@group(0) @binding(0) var<storage, read> windows_gradient: array<Part>;
@group(0) @binding(1) var<storage, read_write> input_gradient: array<Part>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= STEPS * ROWS * PARTS) {
    return;
  }
  let part = index % PARTS;
  let row = index / PARTS % ROWS;
  let padded_step = index / (PARTS * ROWS) + PADDING;
  var sum = Part();
  for (var tap = 0u; tap < TAPS && DILATION * tap <= padded_step; tap++) {
    // The first step of the window in which this step lies at the tap.
    let first = padded_step - DILATION * tap;
    let window = first / STRIDE;
    if (first % STRIDE == 0 && window < WINDOWS) {
      sum += windows_gradient[((window * ROWS + row) * TAPS + tap) * PARTS + part];
    }
  }
  input_gradient[index] = sum;
}
