// Time steps of an LSTM backward: from the gradient of its outputs to the gradient of its pre-activations z.
//
//   dh = output_gradient[t] + dz[t + 1] · recurrent kernelᵀ
//   dc = dc * f[t + 1] + dh * o * (1 - tanh(c)²)                        (f[t + 1] is multiplied in at the end of step t + 1)
//   dz_i = dc * g * gate'(i)   dz_f = dc * c[t - 1] * gate'(f)   dz_c = dc * i * (1 - g²)   dz_o = dh * tanh(c) * gate'(o)
//
// Shapes   weights [I + 1 + H, 4H]   gates [T, B, 4H] and c [T + 1, B, H] as kept by the forward pass
//          output_gradient [T, B, H], or [B, H] without RETURN_SEQUENCES   dz [T, B, 4H]   dc [B, H]
// Threads  workgroup y = row, x and the threads share the row's units. A dispatch of several steps needs one workgroup a row
// Hazards  a step reads the whole dz of the step after: a barrier within a dispatch, the order of dispatches between two.
//          dc is read and written by its owner alone; after the first step in time it is the gradient of the initial c
// Source   back-propagation through time of lstm-forward.wgsl
@group(0) @binding(0) var<uniform> stretch: Stretch;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> gates: array<f32>;
@group(0) @binding(3) var<storage, read> c: array<f32>;
@group(0) @binding(4) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> dz: array<f32>;
@group(0) @binding(6) var<storage, read_write> dc: array<f32>;

fn step_unit(t: u32, row: u32, unit: u32) {
  let width = 4 * UNITS;
  let cell = (t * ROWS + row) * UNITS + unit;
  let next_cell = cell + ROWS * UNITS;
  let gate_row = (t * ROWS + row) * width;
  let is_last = t + 1 == STEPS;

  var dh = 0.0;
  if (RETURN_SEQUENCES == 1) {
    dh = output_gradient[cell];
  } else if (is_last) {
    dh = output_gradient[row * UNITS + unit];
  }
  var cell_gradient = 0.0;
  if (!is_last) {
    cell_gradient = dc[row * UNITS + unit];
    let next_gate_row = gate_row + ROWS * width;
    let weight_row = (INPUTS + 1 + unit) * width;
    for (var k = 0u; k < width; k++) {
      dh += dz[next_gate_row + k] * weights[weight_row + k];
    }
  }

  let i = gates[gate_row + unit];
  let f = gates[gate_row + UNITS + unit];
  let g = gates[gate_row + 2 * UNITS + unit];
  let o = gates[gate_row + 3 * UNITS + unit];
  let squashed = safe_tanh(c[next_cell]);
  cell_gradient += dh * o * (1.0 - squashed * squashed);

  dz[gate_row + unit] = cell_gradient * g * gate_slope(i);
  dz[gate_row + UNITS + unit] = cell_gradient * c[cell] * gate_slope(f);
  dz[gate_row + 2 * UNITS + unit] = cell_gradient * i * (1.0 - g * g);
  dz[gate_row + 3 * UNITS + unit] = dh * squashed * gate_slope(o);
  dc[row * UNITS + unit] = cell_gradient * f;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var done = 0u; done < stretch.count; done++) {
    let t = stretch.first + stretch.count - 1 - done;
    for (var unit = id.x; unit < UNITS; unit += groups.x * THREADS) {
      step_unit(t, id.y, unit);
    }
    storageBarrier();
  }
}
