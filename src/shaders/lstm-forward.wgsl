// Time steps of an LSTM: recurrent product and cell update in one go, with few features the product of the input too.
//
//   z = input_gates[t] + h[t] · recurrent kernel               with RECURRENT_DROPOUT h[t] * dropout_mask
//       input_gates = x · kernel + bias, worked out beforehand, or with INPUTS here
//   i, f, o = gate(z_i), gate(z_f), gate(z_o)      g = squash(z_c)
//   c[t + 1] = f * c[t] + i * g      h[t + 1] = o * squash(c[t + 1])
//
// Shapes   input [T, B, H, 4], the input gates, or with INPUTS x [T, B, I]   h, c [T + 1, B, H], entry 0 the initial state
//          vectors of the gates i, f, c, o of a unit: weights [I + 1 + H, H], or in half precision the rows that are read
//          gates [T, B, H], kept for the backward pass (prelude/kept-gates.wgsl)
//          output [T, B, H], or [B, H] without RETURN_SEQUENCES   mask [T, B]   dropout_mask [4, B, H]
//          BACKWARDS: input, gates and mask lie in order of the input, the others in order of processing
// Threads  one invocation owns a tile of TILE_ROWS rows and 2 units; workgroup y = rows, x and its threads share the units.
//          A dispatch of several steps needs one workgroup in x
// Hazards  a step reads the whole h of the step before: a barrier within a dispatch, the order of dispatches between two
// Source   Hochreiter & Schmidhuber 1997, Gers et al. 2000; gate order and names of keras/src/layers/rnn/lstm.py
override INPUTS: u32;       // features whose product is worked out here; 0: input holds the gates
override KEEP_GATES: u32;   // 1: a backward pass follows

@group(0) @binding(0) var<uniform> stretch: Stretch;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<Stored>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read> dropout_mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;
@group(0) @binding(6) var<storage, read_write> c: array<f32>;
@group(0) @binding(7) var<storage, read_write> gates: array<Stored>;
@group(0) @binding(8) var<storage, read_write> output: array<f32>;

// The bias, unless it is in the gates of the input.
fn own_bias(unit: u32) -> vec4f {
  if (INPUTS > 0) {
    return vec4f(weights[INPUTS * UNITS + unit]);
  }
  return vec4f();
}

fn update_rows(t: u32, first_row: u32, first_unit: u32) {
  let units = vec2u(inner_unit(first_unit, 0), inner_unit(first_unit, 1));
  var first = rows_of(own_bias(units.x));
  var second = rows_of(own_bias(units.y));

  let x_low = (input_step(t) * ROWS + low_rows(first_row)) * INPUTS;
  let x_high = (input_step(t) * ROWS + high_rows(first_row)) * INPUTS;
  for (var k = 0u; k < INPUTS; k++) {
    add_feature(&first, &second, x_low, x_high, k, k * UNITS + units);
  }
  let h_low = (t * ROWS + low_rows(first_row)) * UNITS;
  let h_high = (t * ROWS + high_rows(first_row)) * UNITS;
  add_units(&first, &second, h_low, h_high, RECURRENT_ROW * UNITS + units);

  var sums = cells_of(first, second);
  // A loop, since code that is written out sixteen times takes long to compile.
  for (var n = 0u; n < 8 * TILE_UNITS; n++) {
    update_cell(t, first_row + n % 8, tile_unit(first_unit, n / 8), sums[n]);
  }
}

// What the gates see of a unit of h where something of it is dropped.
fn seen_h(row: u32, k: u32, value: f32) -> vec4f {
  return value * vec4f(
    dropout_mask[dropout_index(0, row, k)],
    dropout_mask[dropout_index(1, row, k)],
    dropout_mask[dropout_index(2, row, k)],
    dropout_mask[dropout_index(3, row, k)]);
}

fn add_seen_units(sums: ptr<function, RowSums>, row: u32, start: u32, weight: vec2u) {
  for (var k = 0u; k < UNITS; k++) {
    let seen = seen_h(row, k, h[start + k]);
    (*sums).first += seen * vec4f(weights[weight.x + k * UNITS]);
    (*sums).second += seen * vec4f(weights[weight.y + k * UNITS]);
  }
}

fn update_row(t: u32, row: u32, first_unit: u32) {
  let units = vec2u(inner_unit(first_unit, 0), inner_unit(first_unit, 1));
  var sums = RowSums(own_bias(units.x), own_bias(units.y));

  add_features_of_row(&sums, (input_step(t) * ROWS + row) * INPUTS, INPUTS, units);
  let before = (t * ROWS + row) * UNITS;
  let weight = RECURRENT_ROW * UNITS + units;
  if (RECURRENT_DROPOUT == 1) {
    add_seen_units(&sums, row, before, weight);
  } else {
    add_units_of_row(&sums, before, weight);
  }

  update_cell(t, row, tile_unit(first_unit, 0), sums.first);
  update_cell(t, row, tile_unit(first_unit, 1), sums.second);
}

// The gates of the input, if they come worked out.
fn input_gates(place: u32) -> vec4f {
  if (INPUTS > 0) {
    return vec4f();
  }
  return vec4f(input[4 * place], input[4 * place + 1], input[4 * place + 2], input[4 * place + 3]);
}

fn update_cell(t: u32, row: u32, unit: u32, sums: vec4f) {
  if (is_outside(row, unit)) {
    return;
  }
  let time = input_step(t);
  let cell = (t * ROWS + row) * UNITS + unit;
  let next_cell = cell + ROWS * UNITS;
  let gate_place = (time * ROWS + row) * UNITS + unit;
  let is_new = starts_anew(time, row);
  let old_c = select(c[cell], 0.0, is_new);

  if (is_masked(time, row)) {
    h[next_cell] = select(h[cell], 0.0, is_new);
    c[next_cell] = old_c;
    write_masked_output(t, row, unit);
    return;
  }

  // Where steps may start anew, the gates of the input come worked out, and the sums are of h alone.
  let z = input_gates(gate_place) + select(sums, vec4f(), is_new);
  let activated = activated_gates(z);
  let new_c = next_c(activated, old_c);
  let new_h = next_h(activated, new_c);

  c[next_cell] = new_c;
  h[next_cell] = new_h;
  if (KEEP_GATES == 1) {
    gates[gate_place] = kept_gates(z, activated);
  }
  write_output(t, row, unit, new_h);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let width = THREADS * TILE_UNITS;
  for (var t = stretch.first; t < stretch.first + stretch.count; t++) {
    for (var unit = group.x * width + thread; unit < UNITS; unit += groups.x * width) {
      if (TILE_ROWS == 8) {
        update_rows(t, group.y * 8, unit);
      } else {
        update_row(t, group.y, unit);
      }
    }
    storageBarrier();
  }
}
