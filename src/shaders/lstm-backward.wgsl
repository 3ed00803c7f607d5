// Time steps of an LSTM backward: from the gradient of its outputs to the gradient of its pre-activations z.
//
//   dh = output_gradient[t] + dz[t + 1] · recurrent kernelᵀ       with RECURRENT_DROPOUT gate by gate, times its mask
//   dc = dc * f[t + 1] + dh * o * squash'(c)                    (f[t + 1] is multiplied in at the end of step t + 1)
//   dz_i = dc * g * gate'(i)   dz_f = dc * c[t - 1] * gate'(f)   dz_c = dc * i * squash'(g)   dz_o = dh * squash(c) * gate'(o)
//
// Shapes   vectors of the gates i, f, c, o of a unit: weights [I + 1 + H, H]   gates [T, B, H] as kept by the forward pass
//          dz [T, B, H]   c [T + 1, B, H] as kept by the forward pass   mask [T, B]   carry [3, B, H], or [4 + 3, B, H]
//          output_gradient [T, B, H], or [B, H] without RETURN_SEQUENCES
//          BACKWARDS: gates, dz and mask lie in order of the input, the others in order of processing
// Threads  one invocation owns a tile of TILE_ROWS rows and 4 units; workgroup y = rows, x and its threads share the units.
//          A dispatch of several steps needs one workgroup in x
// Hazards  a step reads the whole dz of the step after: a barrier within a dispatch, the order of dispatches between two.
//          carry is read and written by its owner alone; after the first step its CELL is the gradient of the initial c
// Source   back-propagation through time of lstm-forward.wgsl
@group(0) @binding(0) var<uniform> stretch: Stretch;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read> gates: array<vec4f>;
@group(0) @binding(4) var<storage, read> c: array<f32>;
@group(0) @binding(5) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> dz: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> carry: array<f32>;

// The products of dz and weights for each cell of the tile, row by row, gate by gate.
fn products_of_row(next: u32, weight: vec4u) -> array<vec4f, 16> {
  var products = mat4x4f();
  for (var k = 0u; k < UNITS; k++) {
    let d = dz[next + k];
    products += mat4x4f(
      d * weights[weight.x + k],
      d * weights[weight.y + k],
      d * weights[weight.z + k],
      d * weights[weight.w + k]);
  }
  var cells: array<vec4f, 16>;
  cells[0] = products[0];
  cells[1] = products[1];
  cells[2] = products[2];
  cells[3] = products[3];
  return cells;
}

fn products_of_rows(next: vec4u, weight: vec4u) -> array<vec4f, 16> {
  var products0 = mat4x4f();
  var products1 = mat4x4f();
  var products2 = mat4x4f();
  var products3 = mat4x4f();
  for (var k = 0u; k < UNITS; k++) {
    let d = mat4x4f(dz[next.x + k], dz[next.y + k], dz[next.z + k], dz[next.w + k]);
    products0 += each_times(d, weights[weight.x + k]);
    products1 += each_times(d, weights[weight.y + k]);
    products2 += each_times(d, weights[weight.z + k]);
    products3 += each_times(d, weights[weight.w + k]);
  }
  return by_rows(products0, products1, products2, products3);
}

fn step_tile(t: u32, first_row: u32, first_unit: u32) {
  var cells: array<vec4f, 16>;
  if (t + 1 < STEPS) {
    let next_step = input_step(t + 1) * ROWS;
    let weight = (RECURRENT_ROW + tile_units(first_unit)) * UNITS;
    if (TILE_ROWS == 1) {
      cells = products_of_row((next_step + first_row) * UNITS, weight);
    } else {
      cells = products_of_rows((next_step + tile_rows(first_row)) * UNITS, weight);
    }
  }
  // A loop, since code that is written out sixteen times takes seconds to compile.
  for (var n = 0u; n < TILE_ROWS * TILE_UNITS; n++) {
    let row = first_row + n / TILE_UNITS;
    let unit = first_unit + n % TILE_UNITS;
    if (row < ROWS && unit < UNITS) {
      update_gradient(t, row, unit, cells[n]);
    }
  }
}

fn update_gradient(t: u32, row: u32, unit: u32, products: vec4f) {
  let time = input_step(t);
  let cell = (t * ROWS + row) * UNITS + unit;
  let next_cell = cell + ROWS * UNITS;
  let gate_place = (time * ROWS + row) * UNITS + unit;

  var dh = 0.0;
  if (MASKED == 1) {
    dh = carried(HELD, t, row, unit);
  }
  if (is_continued(t, row)) {
    let kept = vec4f(
      kept_share(0, row, unit),
      kept_share(1, row, unit),
      kept_share(2, row, unit),
      kept_share(3, row, unit));
    dh += dot(kept, products);
  }
  var cell_gradient = carried(CELL, t, row, unit);

  if (is_masked(time, row)) {
    dz[gate_place] = vec4f();
    pass_over(t, row, unit, dh);
    carry[carry_index(CELL, row, unit)] = cell_gradient;
    return;
  }

  dh += take_output_gradient(t, row, unit);
  let activated = gates[gate_place];
  let i = activated.x;
  let f = activated.y;
  let g = activated.z;
  let o = activated.w;
  let old_c = select(c[cell], 0.0, starts_anew(time, row));
  let squashed = squash(c[next_cell]);
  cell_gradient += dh * o * squash_slope(squashed);

  dz[gate_place] = vec4f(
    cell_gradient * g * gate_slope(i),
    cell_gradient * old_c * gate_slope(f),
    cell_gradient * i * squash_slope(g),
    dh * squashed * gate_slope(o));
  carry[carry_index(CELL, row, unit)] = cell_gradient * f;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var done = 0u; done < stretch.count; done++) {
    let t = stretch.first + stretch.count - 1 - done;
    for (var unit = id.x * TILE_UNITS; unit < UNITS; unit += groups.x * THREADS * TILE_UNITS) {
      step_tile(t, id.y * TILE_ROWS, unit);
    }
    storageBarrier();
  }
}
