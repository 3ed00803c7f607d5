// Time steps of an LSTM: recurrent product and cell update in one go.
//
//   z = input_gates[t] + h[t] · recurrent kernel               columns i, f, c, o; with RECURRENT_DROPOUT h[t] * dropout_mask
//   i, f, o = gate(z_i), gate(z_f), gate(z_o)      g = squash(z_c)
//   c[t + 1] = f * c[t] + i * g      h[t + 1] = o * squash(c[t + 1])
//
// Shapes   input_gates [T, B, 4H] = x · kernel + bias   weights [I + 1 + H, 4H]   h, c [T + 1, B, H], entry 0 the initial state
//          gates [T, B, 4H], kept for the backward pass   output [T, B, H], or [B, H] without RETURN_SEQUENCES   mask [T, B]
//          dropout_mask [4, B, H]   BACKWARDS: input_gates, gates and mask lie in order of the input, the others in order of processing
// Threads  workgroup y = row, x and the threads share the row's units. A dispatch of several steps needs one workgroup a row
// Hazards  a step reads the whole h of the step before: a barrier within a dispatch, the order of dispatches between two
// Source   Hochreiter & Schmidhuber 1997, Gers et al. 2000; gate order and names of keras/src/layers/rnn/lstm.py
@group(0) @binding(0) var<uniform> stretch: Stretch;
@group(0) @binding(1) var<storage, read> input_gates: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read> dropout_mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;
@group(0) @binding(6) var<storage, read_write> c: array<f32>;
@group(0) @binding(7) var<storage, read_write> gates: array<f32>;
@group(0) @binding(8) var<storage, read_write> output: array<f32>;

const GATES = 4u;

fn kept_h(row: u32, k: u32, value: f32) -> vec4f {
  if (RECURRENT_DROPOUT == 0) {
    return vec4f(value);
  }
  return value * vec4f(
    dropout_mask[dropout_index(0, row, k)],
    dropout_mask[dropout_index(1, row, k)],
    dropout_mask[dropout_index(2, row, k)],
    dropout_mask[dropout_index(3, row, k)]);
}

fn step_unit(t: u32, row: u32, unit: u32) {
  let width = 4 * UNITS;
  let time = input_step(t);
  let cell = (t * ROWS + row) * UNITS;
  let next_cell = cell + ROWS * UNITS;
  let gate_row = (time * ROWS + row) * width;

  let is_new = starts_anew(time, row);
  let old_c = select(c[cell + unit], 0.0, is_new);
  if (is_masked(time, row)) {
    h[next_cell + unit] = select(h[cell + unit], 0.0, is_new);
    c[next_cell + unit] = old_c;
    write_masked_output(t, row, unit);
    return;
  }

  var z = vec4f(
    input_gates[gate_row + unit],
    input_gates[gate_row + UNITS + unit],
    input_gates[gate_row + 2 * UNITS + unit],
    input_gates[gate_row + 3 * UNITS + unit]);
  var weight = RECURRENT_ROW * width + unit;
  for (var k = 0u; k < UNITS && !is_new; k++) {
    z += kept_h(row, k, h[cell + k]) * vec4f(
      weights[weight],
      weights[weight + UNITS],
      weights[weight + 2 * UNITS],
      weights[weight + 3 * UNITS]);
    weight += width;
  }

  let i = gate(z.x);
  let f = gate(z.y);
  let g = squash(z.z);
  let o = gate(z.w);
  let new_c = f * old_c + i * g;
  let new_h = o * squash(new_c);

  c[next_cell + unit] = new_c;
  h[next_cell + unit] = new_h;
  gates[gate_row + unit] = i;
  gates[gate_row + UNITS + unit] = f;
  gates[gate_row + 2 * UNITS + unit] = g;
  gates[gate_row + 3 * UNITS + unit] = o;
  write_output(t, row, unit, new_h);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var t = stretch.first; t < stretch.first + stretch.count; t++) {
    for (var unit = id.x; unit < UNITS; unit += groups.x * THREADS) {
      step_unit(t, id.y, unit);
    }
    storageBarrier();
  }
}
