// Time steps of an LSTM: recurrent product and cell update in one go.
//
//   z = input_gates[t] + h[t] · recurrent kernel               with RECURRENT_DROPOUT h[t] * dropout_mask
//   i, f, o = gate(z_i), gate(z_f), gate(z_o)      g = squash(z_c)
//   c[t + 1] = f * c[t] + i * g      h[t + 1] = o * squash(c[t + 1])
//
// Shapes   vectors of the gates i, f, c, o of a unit: input_gates [T, B, H] = x · kernel + bias   weights [I + 1 + H, H]
//          gates [T, B, H], kept for the backward pass   h, c [T + 1, B, H], entry 0 the initial state
//          output [T, B, H], or [B, H] without RETURN_SEQUENCES   mask [T, B]   dropout_mask [4, B, H]
//          BACKWARDS: input_gates, gates and mask lie in order of the input, the others in order of processing
// Threads  one invocation owns a tile of TILE_ROWS rows and 4 units; workgroup y = rows, x and its threads share the units.
//          A dispatch of several steps needs one workgroup in x
// Hazards  a step reads the whole h of the step before: a barrier within a dispatch, the order of dispatches between two
// Source   Hochreiter & Schmidhuber 1997, Gers et al. 2000; gate order and names of keras/src/layers/rnn/lstm.py
@group(0) @binding(0) var<uniform> stretch: Stretch;
@group(0) @binding(1) var<storage, read> input_gates: array<vec4f>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read> dropout_mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;
@group(0) @binding(6) var<storage, read_write> c: array<f32>;
@group(0) @binding(7) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> output: array<f32>;

// What the gates see of a unit of h.
fn seen_h(t: u32, row: u32, k: u32) -> vec4f {
  let value = h[(t * ROWS + row) * UNITS + k];
  if (RECURRENT_DROPOUT == 0) {
    return vec4f(value);
  }
  return value * vec4f(
    dropout_mask[dropout_index(0, row, k)],
    dropout_mask[dropout_index(1, row, k)],
    dropout_mask[dropout_index(2, row, k)],
    dropout_mask[dropout_index(3, row, k)]);
}

// The product for each cell of the tile, row by row.
fn products_of_row(t: u32, row: u32, units: vec4u) -> array<vec4f, 16> {
  var z = mat4x4f();
  for (var k = 0u; k < UNITS; k++) {
    let weight = (RECURRENT_ROW + k) * UNITS + units;
    let seen = seen_h(t, row, k);
    z += mat4x4f(seen * weights[weight.x], seen * weights[weight.y], seen * weights[weight.z], seen * weights[weight.w]);
  }
  var cells: array<vec4f, 16>;
  cells[0] = z[0];
  cells[1] = z[1];
  cells[2] = z[2];
  cells[3] = z[3];
  return cells;
}

fn products_of_rows(t: u32, rows: vec4u, units: vec4u) -> array<vec4f, 16> {
  var z0 = mat4x4f();
  var z1 = mat4x4f();
  var z2 = mat4x4f();
  var z3 = mat4x4f();
  for (var k = 0u; k < UNITS; k++) {
    let weight = (RECURRENT_ROW + k) * UNITS + units;
    let seen = mat4x4f(seen_h(t, rows.x, k), seen_h(t, rows.y, k), seen_h(t, rows.z, k), seen_h(t, rows.w, k));
    z0 += each_times(seen, weights[weight.x]);
    z1 += each_times(seen, weights[weight.y]);
    z2 += each_times(seen, weights[weight.z]);
    z3 += each_times(seen, weights[weight.w]);
  }
  return by_rows(z0, z1, z2, z3);
}

fn step_tile(t: u32, first_row: u32, first_unit: u32) {
  let units = tile_units(first_unit);
  var cells: array<vec4f, 16>;
  if (TILE_ROWS == 1) {
    cells = products_of_row(t, first_row, units);
  } else {
    cells = products_of_rows(t, tile_rows(first_row), units);
  }
  // A loop, since code that is written out sixteen times takes seconds to compile.
  for (var n = 0u; n < TILE_ROWS * TILE_UNITS; n++) {
    let row = first_row + n / TILE_UNITS;
    let unit = first_unit + n % TILE_UNITS;
    if (row < ROWS && unit < UNITS) {
      update_cell(t, row, unit, cells[n]);
    }
  }
}

fn update_cell(t: u32, row: u32, unit: u32, product: vec4f) {
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

  let z = input_gates[gate_place] + select(product, vec4f(), is_new);
  let i = gate(z.x);
  let f = gate(z.y);
  let g = squash(z.z);
  let o = gate(z.w);
  let new_c = f * old_c + i * g;
  let new_h = o * squash(new_c);

  c[next_cell] = new_c;
  h[next_cell] = new_h;
  gates[gate_place] = vec4f(i, f, g, o);
  write_output(t, row, unit, new_h);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var t = stretch.first; t < stretch.first + stretch.count; t++) {
    for (var unit = id.x * TILE_UNITS; unit < UNITS; unit += groups.x * THREADS * TILE_UNITS) {
      step_tile(t, id.y * TILE_ROWS, unit);
    }
    storageBarrier();
  }
}
