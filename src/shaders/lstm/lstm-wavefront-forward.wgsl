// Computes one step of each layer in a stack of LSTM layers along a diagonal: each layer is one step behind the layer below.
//
//   z = input_gates + h[l, t] · recurrent kernel, and from z on as in lstm-forward.wgsl
//       input_gates = x · kernel + bias for the lowest layer, read from gates, or computed here if INPUTS is not 0
//       input_gates = h[l - 1, t + 1] · kernel + bias for the others
//
// Shapes   input x [T, B, I], read if INPUTS is not 0
//          h, c [L, T + 1, B, H] with gaps between layers, entry 0 the initial state; without SAVE_FOR_BACKWARD
//          [L, 3, B, H] (lstm/wavefront.wgsl)
//          output [T, B, H] of the highest layer, or [B, H] without RETURN_SEQUENCES
//          elements of weights and gates are vectors of the gates i, f, c, o of a unit
//          weights: a matrix [I + 1 + H, H] for each layer, with I = H above the lowest, and with gaps between layers
//          gates [L, T, B, H]: the input gates of the lowest layer; all are overwritten by the activated gates with
//          SAVE_FOR_BACKWARD
// Threads  one invocation per tile of TILE_ROWS rows and 2 units of a layer; workgroups in z are layers, y rows, x units
// Hazards  a step reads h of the step before and of the layer below, both computed by the dispatch before
// Source   Appleyard, Kočiský & Blunsom 2016, "Optimizing Performance of Recurrent Neural Networks on GPUs"
override FEATURES: u32;        // I of the lowest layer
override INPUTS: u32;          // features whose input product this kernel computes; 0: gates holds the product
override SECOND_WEIGHTS: u32;  // offset of the weights of the second layer
override LAYER_WEIGHTS: u32;   // stride between the weights of adjacent layers above the first

@group(0) @binding(0) var<uniform> diagonal: Diagonal;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> h: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
@group(0) @binding(5) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> output: array<f32>;

// Offsets of the weights of a layer.
struct Weights {
  kernel: u32,
  bias: u32,
  recurrent: u32,
}

fn weights_of(layer: u32) -> Weights {
  let first = select(SECOND_WEIGHTS + (layer - 1) * LAYER_WEIGHTS, 0, layer == 0);
  let bias = first + select(UNITS, FEATURES, layer == 0) * UNITS;
  return Weights(first, bias, bias + UNITS);
}

// The bias, unless the input gates already include it.
fn own_bias(layer: u32, offset: u32) -> vec4f {
  if (layer == 0 && INPUTS == 0) {
    return vec4f();
  }
  return weights[offset];
}

fn update_rows(layer: u32, t: u32, first_row: u32, first_unit: u32, lane: u32) {
  let units = vec2u(clamped_unit(first_unit, 0), clamped_unit(first_unit, 1));
  let own = weights_of(layer);
  let bias = own.bias + units;
  var sums = tile_sums_of(own_bias(layer, bias.x), own_bias(layer, bias.y));

  if (layer == 0) {
    let x = tile_offsets(first_row, lane, t * ROWS * INPUTS, INPUTS);
    sums = plus_features(sums, x, INPUTS, units);
  } else {
    let below = tile_offsets(first_row, lane, state_index(layer - 1, t + 1, 0), UNITS);
    sums = plus_units(sums, below, own.kernel + units);
  }
  let before = tile_offsets(first_row, lane, state_index(layer, t, 0), UNITS);
  sums = plus_units(sums, before, own.recurrent + units);

  var cells = cells_of(sums);
  for (var n = 0u; n < UNROLLED_CELLS; n++) { // unrolled
    let cell = tile_cell(n, first_row, first_unit, lane);
    update_cell(layer, t, cell.row, cell.unit, cells[n]);
  }
  for (var n = UNROLLED_CELLS; n < TILE_ROWS * TILE_UNITS; n++) {
    let cell = tile_cell(n, first_row, first_unit, lane);
    update_cell(layer, t, cell.row, cell.unit, cells[n]);
  }
}

fn update_row(layer: u32, t: u32, row: u32, first_unit: u32, lane: u32) {
  let units = vec2u(clamped_unit(first_unit, 0), clamped_unit(first_unit, 1));
  let own = weights_of(layer);
  let bias = own.bias + units;
  var sums = UnitPair(own_bias(layer, bias.x), own_bias(layer, bias.y));

  if (layer == 0) {
    sums = plus_features_of_row(sums, (t * ROWS + row) * INPUTS, INPUTS, units);
  } else {
    sums = plus_units_of_row(sums, state_index(layer - 1, t + 1, row), lane, own.kernel + units);
  }
  sums = plus_units_of_row(sums, state_index(layer, t, row), lane, own.recurrent + units);

  update_cell(layer, t, row, tile_unit(first_unit, 0), sums.first);
  update_cell(layer, t, row, tile_unit(first_unit, 1), sums.second);
}

// The input gates if an earlier dispatch computed them; otherwise `sums` already includes them.
fn input_gates(layer: u32, offset: u32) -> vec4f {
  if (layer > 0 || INPUTS > 0) {
    return vec4f();
  }
  return gates[offset];
}

fn write_output(t: u32, row: u32, unit: u32, value: f32) {
  if (RETURN_SEQUENCES == 1) {
    output[(t * ROWS + row) * UNITS + unit] = value;
  } else if (t + 1 == STEPS) {
    output[row * UNITS + unit] = value;
  }
}

fn update_cell(layer: u32, t: u32, row: u32, unit: u32, sums: vec4f) {
  if (is_outside(row, unit)) {
    return;
  }
  let cell = state_index(layer, t, row) + unit;
  let next_cell = state_index(layer, t + 1, row) + unit;
  let gate_index = gates_index(layer, t, row) + unit;

  let activated = activated_gates(input_gates(layer, gate_index) + sums);
  let new_c = next_c(activated, c[cell]);
  let new_h = next_h(activated, new_c);

  c[next_cell] = new_c;
  h[next_cell] = new_h;
  if (SAVE_FOR_BACKWARD == 1) {
    gates[gate_index] = activated;
  }
  if (layer + 1 == LAYERS) {
    write_output(t, row, unit, new_h);
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let layer = diagonal.first_layer + group.z;
  let t = diagonal.sum - layer;
  let unit = group.x * THREADS * TILE_UNITS + thread;
  let lane = quad_lane(thread);
  if (TILE_ROWS == 1) {
    update_row(layer, t, group.y, unit, lane);
  } else {
    update_rows(layer, t, group.y * TILE_ROWS, unit, lane);
  }
}
