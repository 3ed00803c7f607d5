// Products of a register tile of the backward pass: dz of its rows times the transposed weights of its four units. Kernels that
// include this bind `gates`, which holds dz, and `transposed` [H, H], whose elements are vectors of the gates i, f, c, o.
const TILE_UNITS = 4u;

// Sums of a tile: for each row a vector of its four units. Groups of rows from TILE_ROWS on are not used.
struct TileSums {
  rows0: Octet,
  rows8: Octet,
  rows16: Octet,
  rows24: Octet,
}

// One vector of dz for each of eight rows.
struct Gradients {
  low: mat4x4f,
  high: mat4x4f,
}

fn clamped_units(first: u32) -> vec4u {
  return vec4u(clamped_unit(first, 0), clamped_unit(first, 1), clamped_unit(first, 2), clamped_unit(first, 3));
}

// Weights of the four units, one vector per gate.
fn weights_of_gates(offsets: vec4u) -> mat4x4f {
  return transpose(mat4x4f(
    vec4f(transposed[offsets.x]),
    vec4f(transposed[offsets.y]),
    vec4f(transposed[offsets.z]),
    vec4f(transposed[offsets.w])));
}

fn plus_gates(sums: vec4f, d: vec4f, weights: mat4x4f) -> vec4f {
  let with_c_and_o = fma(vec4f(d.z), weights[2], fma(vec4f(d.w), weights[3], sums));
  return fma(vec4f(d.x), weights[0], fma(vec4f(d.y), weights[1], with_c_and_o));
}

fn plus_rows(sums: Octet, d: Gradients, weights: mat4x4f) -> Octet {
  return Octet(
    plus_gates(sums.r0, d.low[0], weights),
    plus_gates(sums.r1, d.low[1], weights),
    plus_gates(sums.r2, d.low[2], weights),
    plus_gates(sums.r3, d.low[3], weights),
    plus_gates(sums.r4, d.high[0], weights),
    plus_gates(sums.r5, d.high[1], weights),
    plus_gates(sums.r6, d.high[2], weights),
    plus_gates(sums.r7, d.high[3], weights));
}

// Loads unit k of eight rows of dz.
fn dz_of(rows: OctetOffsets, k: u32) -> Gradients {
  if (BY_QUADS) {
    return Gradients(vectors_of_quad(gates[rows.own.x + k]), vectors_of_quad(gates[rows.own.y + k]));
  }
  let low = rows.low + k;
  let high = rows.high + k;
  return Gradients(
    mat4x4f(gates[low.x], gates[low.y], gates[low.z], gates[low.w]),
    mat4x4f(gates[high.x], gates[high.y], gates[high.z], gates[high.w]));
}

// Adds the products over all units of dz. `first` holds the offsets of the weights of unit 0.
fn plus_gradients(sums: TileSums, rows: TileOffsets, first: vec4u) -> TileSums {
  var all = sums;
  for (var k = 0u; k < UNITS; k++) {
    let weights = weights_of_gates(first + k * UNITS);
    all.rows0 = plus_rows(all.rows0, dz_of(rows.rows0, k), weights);
    if (TILE_ROWS > 8) {
      all.rows8 = plus_rows(all.rows8, dz_of(rows.rows8, k), weights);
    }
    if (TILE_ROWS > 16) {
      all.rows16 = plus_rows(all.rows16, dz_of(rows.rows16, k), weights);
      all.rows24 = plus_rows(all.rows24, dz_of(rows.rows24, k), weights);
    }
  }
  return all;
}

// The sums of all rows of a tile as an array, in the order of `tile_row`.
fn rows_of(sums: TileSums) -> array<vec4f, 32> {
  let a = sums.rows0;
  let b = sums.rows8;
  let c = sums.rows16;
  let d = sums.rows24;
  return array(
    a.r0, a.r1, a.r2, a.r3, a.r4, a.r5, a.r6, a.r7, b.r0, b.r1, b.r2, b.r3, b.r4, b.r5, b.r6, b.r7,
    c.r0, c.r1, c.r2, c.r3, c.r4, c.r5, c.r6, c.r7, d.r0, d.r1, d.r2, d.r3, d.r4, d.r5, d.r6, d.r7);
}

// The functions below compute the same products for tiles of one row. They keep a sum for each gate of each unit, since
// recurrent dropout multiplies each gate by a factor of its own before the sums are added up.

fn plus_gradients_of_row(sums: mat4x4f, start: u32, lane: u32, first: vec4u) -> mat4x4f {
  var all = sums;
  let rows = quad_order(lane) * UNITS;
  for (var k = 0u; k < WHOLE_FOURS; k += 4) {
    let four = four_of_dz(start + k, lane);
    let offset = first + k * UNITS;
    all = plus_gradient(all, four[0], offset + rows.x);
    all = plus_gradient(all, four[1], offset + rows.y);
    all = plus_gradient(all, four[2], offset + rows.z);
    all = plus_gradient(all, four[3], offset + rows.w);
  }
  for (var k = WHOLE_FOURS; k < UNITS; k++) {
    all = plus_gradient(all, gates[start + k], first + k * UNITS);
  }
  return all;
}

fn plus_gradient(sums: mat4x4f, d: vec4f, offsets: vec4u) -> mat4x4f {
  return mat4x4f(
    fma(d, vec4f(transposed[offsets.x]), sums[0]),
    fma(d, vec4f(transposed[offsets.y]), sums[1]),
    fma(d, vec4f(transposed[offsets.z]), sums[2]),
    fma(d, vec4f(transposed[offsets.w]), sums[3]));
}

fn four_of_dz(start: u32, lane: u32) -> mat4x4f {
  if (BY_QUADS) {
    return vectors_of_quad(gates[start + lane]);
  }
  return mat4x4f(gates[start], gates[start + 1], gates[start + 2], gates[start + 3]);
}
