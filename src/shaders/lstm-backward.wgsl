// Time steps of an LSTM backward: from the gradient of its outputs to the gradient of its pre-activations z.
//
//   dh = output_gradient[t] + dz[t + 1] · recurrent kernelᵀ       with RECURRENT_DROPOUT gate by gate, times its mask
//   dc = dc * f[t + 1] + dh * o * squash'(c)                    (f[t + 1] is multiplied in at the end of step t + 1)
//   dz_i = dc * g * gate'(i)   dz_f = dc * c[t - 1] * gate'(f)   dz_c = dc * i * squash'(g)   dz_o = dh * squash(c) * gate'(o)
//
// Shapes   weights [I + 1 + H, 4H]   gates [T, B, 4H] and c [T + 1, B, H] as kept by the forward pass   mask [T, B]
//          output_gradient [T, B, H], or [B, H] without RETURN_SEQUENCES   dz [T, B, 4H]   carry [3, B, H], or [4 + 3, B, H]
//          BACKWARDS: gates, dz and mask lie in order of the input, the others in order of processing
// Threads  workgroup y = row, x and the threads share the row's units. A dispatch of several steps needs one workgroup a row
// Hazards  a step reads the whole dz of the step after: a barrier within a dispatch, the order of dispatches between two.
//          carry is read and written by its owner alone; after the first step its CELL is the gradient of the initial c
// Source   back-propagation through time of lstm-forward.wgsl
@group(0) @binding(0) var<uniform> stretch: Stretch;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read> gates: array<f32>;
@group(0) @binding(4) var<storage, read> c: array<f32>;
@group(0) @binding(5) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> dz: array<f32>;
@group(0) @binding(7) var<storage, read_write> carry: array<f32>;

const GATES = 4u;

fn step_unit(t: u32, row: u32, unit: u32) {
  let width = 4 * UNITS;
  let time = input_step(t);
  let cell = (t * ROWS + row) * UNITS + unit;
  let next_cell = cell + ROWS * UNITS;
  let gate_row = (time * ROWS + row) * width;

  var dh = 0.0;
  if (MASKED == 1) {
    dh = carried(HELD, t, row, unit);
  }
  var cell_gradient = carried(CELL, t, row, unit);
  if (is_continued(t, row)) {
    let next_gate_row = (input_step(t + 1) * ROWS + row) * width;
    let weight_row = (RECURRENT_ROW + unit) * width;
    for (var part = 0u; part < GATES; part++) {
      var sum = 0.0;
      for (var k = part * UNITS; k < (part + 1) * UNITS; k++) {
        sum += dz[next_gate_row + k] * weights[weight_row + k];
      }
      dh += kept_share(part, row, unit) * sum;
    }
  }

  if (is_masked(time, row)) {
    for (var part = 0u; part < GATES; part++) {
      dz[gate_row + part * UNITS + unit] = 0.0;
    }
    pass_over(t, row, unit, dh);
    carry[carry_index(CELL, row, unit)] = cell_gradient;
    return;
  }

  dh += take_output_gradient(t, row, unit);
  let i = gates[gate_row + unit];
  let f = gates[gate_row + UNITS + unit];
  let g = gates[gate_row + 2 * UNITS + unit];
  let o = gates[gate_row + 3 * UNITS + unit];
  let old_c = select(c[cell], 0.0, starts_anew(time, row));
  let squashed = squash(c[next_cell]);
  cell_gradient += dh * o * squash_slope(squashed);

  dz[gate_row + unit] = cell_gradient * g * gate_slope(i);
  dz[gate_row + UNITS + unit] = cell_gradient * old_c * gate_slope(f);
  dz[gate_row + 2 * UNITS + unit] = cell_gradient * i * squash_slope(g);
  dz[gate_row + 3 * UNITS + unit] = dh * squashed * gate_slope(o);
  carry[carry_index(CELL, row, unit)] = cell_gradient * f;
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
