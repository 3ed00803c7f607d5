// Computes time steps of an LSTM: the recurrent product fused with the update of the cell, and for few features with the input
// product too.
//
//   z = input_gates[t] + h[t] · recurrent kernel               with RECURRENT_DROPOUT h[t] * dropout_mask
//       input_gates = x · kernel + bias, read from gates, or computed here if INPUTS is not 0
//   i, f, o = rec(z_i), rec(z_f), rec(z_o)      g = act(z_c)      act: activation, rec: recurrent activation
//   c[t + 1] = f * c[t] + i * g      h[t + 1] = o * act(c[t + 1])
//
// Shapes   input x [T, B, I], read if INPUTS is not 0   h, c [T + 1, B, H], entry 0 the initial state;
//          without SAVE_FOR_BACKWARD [3, B, H] (prelude/recurrent.wgsl)
//          elements of weights and gates are vectors of the gates i, f, c, o of a unit: weights [I + 1 + H, H], or in half
//          precision the rows that are read   gates [T, B, H]: the input gates, overwritten by the activated gates with
//          SAVE_FOR_BACKWARD
//          output [T, B, H], or [B, H] without RETURN_SEQUENCES   mask [T, B]   dropout_mask [4, B, H]
//          BACKWARDS: input, gates and mask are in the order of the input, all else in the order of processing
// Threads  one invocation per tile of TILE_ROWS rows and 2 units; workgroups in y have different rows, workgroups in x share
//          the units. A dispatch of several steps needs a single workgroup in x. All threads of a workgroup have the same
//          rows, so that a quad can share their loads
// Hazards  a step reads the whole h of the step before, behind a barrier within a dispatch or in a later dispatch
// Source   Hochreiter & Schmidhuber 1997, Gers et al. 2000; gate order and names of keras/src/layers/rnn/lstm.py
override PERSISTENT_UNITS: u32; // UNITS, a multiple of 4, if the recurrent weights stay in private memory; otherwise 0

@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<WeightVector>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read> dropout_mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;
@group(0) @binding(6) var<storage, read_write> c: array<f32>;
@group(0) @binding(7) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> output: array<f32>;

// The bias, unless the input gates already include it.
fn own_bias(unit: u32) -> vec4f {
  if (INPUTS > 0) {
    return vec4f(weights[INPUTS * UNITS + unit]);
  }
  return vec4f();
}

fn update_cell_of_tile(t: u32, row: u32, unit: u32, sums: vec4f) {
  if (!is_outside(row, unit)) {
    update_cell(t, row, unit, sums);
  }
}

fn update_rows(t: u32, first_row: u32, first_unit: u32, lane: u32) {
  let units = vec2u(clamped_unit(first_unit, 0), clamped_unit(first_unit, 1));
  var sums = tile_sums_of(own_bias(units.x), own_bias(units.y));
  if (INPUTS > 0) {
    let x = tile_offsets(first_row, lane, input_step(t) * ROWS * INPUTS, INPUTS);
    sums = plus_features(sums, x, INPUTS, units);
  }
  let before = tile_offsets(first_row, lane, state_index(t, 0), UNITS);
  sums = plus_units(sums, before, RECURRENT_ROW * UNITS + units);

  var cells = cells_of(sums);
  for (var n = 0u; n < UNROLLED_CELLS; n++) { // unrolled
    let cell = tile_cell(n, first_row, first_unit, lane);
    update_cell_of_tile(t, cell.row, cell.unit, cells[n]);
  }
  for (var n = UNROLLED_CELLS; n < TILE_ROWS * TILE_UNITS; n++) {
    let cell = tile_cell(n, first_row, first_unit, lane);
    update_cell_of_tile(t, cell.row, cell.unit, cells[n]);
  }
}

// Recurrent weights of the units of an invocation, in the order in which quads exchange h. They are loaded once per dispatch
// instead of in every step. The products with them are unrolled, so that the array is indexed by constants alone.
var<private> persistent_weights: array<UnitPair, max(PERSISTENT_UNITS, 1)>;

fn load_persistent_weights(first_unit: u32, lane: u32) {
  let units = vec2u(clamped_unit(first_unit, 0), clamped_unit(first_unit, 1));
  for (var k = 0u; k < PERSISTENT_UNITS; k++) {
    let row = k / 4 * 4 + ((k % 4) ^ quad_order(lane).x);
    persistent_weights[k] = pair_of_weights((RECURRENT_ROW + row) * UNITS + units);
  }
}

fn plus_persistent_units(sums: UnitPair, start: u32, lane: u32) -> UnitPair {
  var all = sums;
  var factors = vec4f();
  for (var k = 0u; k < PERSISTENT_UNITS; k++) { // unrolled
    if (k % 4 == 0) {
      factors = four_of_h(start + k, lane);
    }
    let factor = vec4f(factors[k % 4]);
    all = UnitPair(fma(factor, persistent_weights[k].first, all.first), fma(factor, persistent_weights[k].second, all.second));
  }
  return all;
}

// A unit of h after recurrent dropout, which has one mask per gate.
fn dropped_h(row: u32, k: u32, value: f32) -> vec4f {
  return value * vec4f(
    dropout_mask[dropout_index(0, row, k)],
    dropout_mask[dropout_index(1, row, k)],
    dropout_mask[dropout_index(2, row, k)],
    dropout_mask[dropout_index(3, row, k)]);
}

fn plus_dropped_units(sums: UnitPair, row: u32, start: u32, first: vec2u) -> UnitPair {
  var all = sums;
  for (var k = 0u; k < UNITS; k++) {
    let dropped = dropped_h(row, k, h[start + k]);
    let weight = pair_of_weights(first + k * UNITS);
    all = UnitPair(fma(dropped, weight.first, all.first), fma(dropped, weight.second, all.second));
  }
  return all;
}

fn update_row(t: u32, row: u32, first_unit: u32, lane: u32) {
  let units = vec2u(clamped_unit(first_unit, 0), clamped_unit(first_unit, 1));
  var sums = UnitPair(own_bias(units.x), own_bias(units.y));

  sums = plus_features_of_row(sums, (input_step(t) * ROWS + row) * INPUTS, INPUTS, units);
  let before = state_index(t, row);
  let weight = RECURRENT_ROW * UNITS + units;
  if (RECURRENT_DROPOUT == 1) {
    sums = plus_dropped_units(sums, row, before, weight);
  } else if (PERSISTENT_UNITS > 0) {
    sums = plus_persistent_units(sums, before, lane);
  } else {
    sums = plus_units_of_row(sums, before, lane, weight);
  }

  update_cell_of_tile(t, row, tile_unit(first_unit, 0), sums.first);
  update_cell_of_tile(t, row, tile_unit(first_unit, 1), sums.second);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let lane = quad_lane(thread);
  let width = THREADS * TILE_UNITS;
  if (PERSISTENT_UNITS > 0) {
    load_persistent_weights(thread, lane);
  }
  for (var t = chunk.first; t < chunk.first + chunk.count; t++) {
    for (var first = group.x * width; first < UNITS; first += groups.x * width) {
      if (TILE_ROWS == 1) {
        update_row(t, group.y, first + thread, lane);
      } else {
        update_rows(t, group.y * TILE_ROWS, first + thread, lane);
      }
    }
    end_step();
  }
}
