// Computes one step of the backward pass of each layer in a stack of LSTM layers along a diagonal: each layer is one step
// behind the layer above.
//
//   dh = dz[l, t + 1] · recurrent kernel[l]ᵀ + dz[l + 1, t] · kernel[l + 1]ᵀ, and from dh on as in lstm-backward.wgsl
//        for the highest layer output_gradient[t] takes the place of the second product
//
// Shapes   elements of gates and transposed are vectors of the gates i, f, c, o of a unit
//          gates [L, T, B, H]: the activated gates as saved by the forward pass, overwritten by dz
//          transposed: for each layer the transpose of its recurrent kernel [H, H], and behind it that of the kernel of the
//          layer above, with gaps between matrices
//          c [L, T + 1, B, H] with gaps between layers   carry [L, B, H]
//          output_gradient [T, B, H], or [B, H] without RETURN_SEQUENCES
// Threads  one invocation per tile of TILE_ROWS rows and 4 units of a layer; workgroups in z are layers, y rows, x units
// Hazards  a step reads dz of the step after it and of the layer above, both computed by the dispatch before.
//          An element of the gates of a step, or of carry, is read and written by one invocation. Once step 0 is done,
//          carry is the gradient of the initial c
// Source   back-propagation through time of lstm-wavefront-forward.wgsl
override MATRIX: u32;   // stride between the matrices in transposed

@group(0) @binding(0) var<uniform> diagonal: Diagonal;
@group(0) @binding(1) var<storage, read> transposed: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(3) var<storage, read> c: array<f32>;
@group(0) @binding(4) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> carry: array<f32>;

fn update_rows(layer: u32, t: u32, first_row: u32, first_unit: u32, lane: u32) {
  let units = clamped_units(first_unit);
  var sums: TileSums;
  if (t + 1 < STEPS) {
    let next = tile_offsets(first_row, lane, gates_index(layer, t + 1, 0), UNITS);
    sums = plus_gradients(sums, next, 2 * layer * MATRIX + units);
  }
  if (layer + 1 < LAYERS) {
    let above = tile_offsets(first_row, lane, gates_index(layer + 1, t, 0), UNITS);
    sums = plus_gradients(sums, above, (2 * layer + 1) * MATRIX + units);
  }
  var rows = rows_of(sums);
  for (var n = 0u; n < UNROLLED_CELLS; n++) { // unrolled
    let tile_column = n % TILE_UNITS;
    let row = first_row + tile_row(n / TILE_UNITS, lane);
    update_gradient(layer, t, row, tile_unit(first_unit, tile_column), rows[n / TILE_UNITS][tile_column]);
  }
  for (var n = UNROLLED_CELLS; n < TILE_ROWS * TILE_UNITS; n++) {
    let tile_column = n % TILE_UNITS;
    let row = first_row + tile_row(n / TILE_UNITS, lane);
    update_gradient(layer, t, row, tile_unit(first_unit, tile_column), rows[n / TILE_UNITS][tile_column]);
  }
}

fn update_row(layer: u32, t: u32, row: u32, first_unit: u32, lane: u32) {
  let units = clamped_units(first_unit);
  var sums = mat4x4f();
  if (t + 1 < STEPS) {
    sums = plus_gradients_of_row(sums, gates_index(layer, t + 1, row), lane, 2 * layer * MATRIX + units);
  }
  if (layer + 1 < LAYERS) {
    sums = plus_gradients_of_row(sums, gates_index(layer + 1, t, row), lane, (2 * layer + 1) * MATRIX + units);
  }
  for (var n = 0u; n < TILE_UNITS; n++) {
    update_gradient(layer, t, row, tile_unit(first_unit, n), dot(vec4f(1), sums[n]));
  }
}

fn update_gradient(layer: u32, t: u32, row: u32, unit: u32, from_products: f32) {
  if (is_outside(row, unit)) {
    return;
  }
  let cell = state_index(layer, t, row) + unit;
  let gate_index = gates_index(layer, t, row) + unit;
  let own_carry = (layer * ROWS + row) * UNITS + unit;

  var dh = from_products;
  if (layer + 1 == LAYERS) {
    dh += own_output_gradient(t, row, unit);
  }
  var dc = 0.0;
  if (t + 1 < STEPS) {
    dc = carry[own_carry];
  }
  let gradient = cell_gradient(gates[gate_index], c[cell], c[cell + ROWS * UNITS], dh, dc);
  gates[gate_index] = gradient.z;
  carry[own_carry] = gradient.c;
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
