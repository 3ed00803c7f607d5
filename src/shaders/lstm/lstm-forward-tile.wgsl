// Products of a register tile of the forward pass: x or h of its rows times the weights of its two units. Kernels that include
// this bind `input`, `h` and `weights`, whose elements are vectors of the four gates of a unit, in either precision.
const TILE_UNITS = 2u;

// Sums of eight rows for each of the two units.
struct OctetSums {
  first: Octet,
  second: Octet,
}

// Sums of a tile. Groups of rows from TILE_ROWS on are not used.
struct TileSums {
  rows0: OctetSums,
  rows8: OctetSums,
  rows16: OctetSums,
  rows24: OctetSums,
}

fn tile_sums_of(first: vec4f, second: vec4f) -> TileSums {
  let sums = OctetSums(octet_of(first), octet_of(second));
  return TileSums(sums, sums, sums, sums);
}

// One number for each of eight rows.
struct Factors {
  low: vec4f,
  high: vec4f,
}

// One vector for each of the two units.
struct UnitPair {
  first: vec4f,
  second: vec4f,
}

fn pair_of_weights(offsets: vec2u) -> UnitPair {
  return UnitPair(vec4f(weights[offsets.x]), vec4f(weights[offsets.y]));
}

fn plus_products(sums: Octet, factors: Factors, weight: vec4f) -> Octet {
  return Octet(
    fma(vec4f(factors.low.x), weight, sums.r0),
    fma(vec4f(factors.low.y), weight, sums.r1),
    fma(vec4f(factors.low.z), weight, sums.r2),
    fma(vec4f(factors.low.w), weight, sums.r3),
    fma(vec4f(factors.high.x), weight, sums.r4),
    fma(vec4f(factors.high.y), weight, sums.r5),
    fma(vec4f(factors.high.z), weight, sums.r6),
    fma(vec4f(factors.high.w), weight, sums.r7));
}

fn plus_both(sums: OctetSums, factors: Factors, weight: UnitPair) -> OctetSums {
  return OctetSums(plus_products(sums.first, factors, weight.first), plus_products(sums.second, factors, weight.second));
}

// Feature k of eight rows of x.
fn x_of(rows: OctetOffsets, k: u32) -> Factors {
  if (BY_QUADS) {
    return Factors(values_of_quad(input[rows.own.x + k]), values_of_quad(input[rows.own.y + k]));
  }
  let low = rows.low + k;
  let high = rows.high + k;
  return Factors(
    vec4f(input[low.x], input[low.y], input[low.z], input[low.w]),
    vec4f(input[high.x], input[high.y], input[high.z], input[high.w]));
}

// Unit k of eight rows of h.
fn h_of(rows: OctetOffsets, k: u32) -> Factors {
  if (BY_QUADS) {
    return Factors(values_of_quad(h[rows.own.x + k]), values_of_quad(h[rows.own.y + k]));
  }
  let low = rows.low + k;
  let high = rows.high + k;
  return Factors(
    vec4f(h[low.x], h[low.y], h[low.z], h[low.w]),
    vec4f(h[high.x], h[high.y], h[high.z], h[high.w]));
}

fn plus_feature(sums: TileSums, rows: TileOffsets, k: u32, offsets: vec2u) -> TileSums {
  let weight = pair_of_weights(offsets);
  var all = sums;
  all.rows0 = plus_both(sums.rows0, x_of(rows.rows0, k), weight);
  if (TILE_ROWS > 8) {
    all.rows8 = plus_both(sums.rows8, x_of(rows.rows8, k), weight);
  }
  if (TILE_ROWS > 16) {
    all.rows16 = plus_both(sums.rows16, x_of(rows.rows16, k), weight);
    all.rows24 = plus_both(sums.rows24, x_of(rows.rows24, k), weight);
  }
  return all;
}

fn plus_unit(sums: TileSums, rows: TileOffsets, k: u32, offsets: vec2u) -> TileSums {
  let weight = pair_of_weights(offsets);
  var all = sums;
  all.rows0 = plus_both(sums.rows0, h_of(rows.rows0, k), weight);
  if (TILE_ROWS > 8) {
    all.rows8 = plus_both(sums.rows8, h_of(rows.rows8, k), weight);
  }
  if (TILE_ROWS > 16) {
    all.rows16 = plus_both(sums.rows16, h_of(rows.rows16, k), weight);
    all.rows24 = plus_both(sums.rows24, h_of(rows.rows24, k), weight);
  }
  return all;
}

// Adds the products over all features of x. `first` holds the offsets of the weights of feature 0.
fn plus_features(sums: TileSums, rows: TileOffsets, count: u32, first: vec2u) -> TileSums {
  var all = sums;
  for (var k = 0u; k < count; k++) {
    all = plus_feature(all, rows, k, first + k * UNITS);
  }
  return all;
}

// Adds the products over all units of h. `first` holds the offsets of the weights of unit 0.
fn plus_units(sums: TileSums, rows: TileOffsets, first: vec2u) -> TileSums {
  var all = sums;
  // The loop advances by four units, since every iteration moves all sums.
  for (var k = 0u; k < WHOLE_FOURS; k += 4) {
    let offset = first + k * UNITS;
    all = plus_unit(all, rows, k, offset);
    all = plus_unit(all, rows, k + 1, offset + UNITS);
    all = plus_unit(all, rows, k + 2, offset + 2 * UNITS);
    all = plus_unit(all, rows, k + 3, offset + 3 * UNITS);
  }
  for (var k = WHOLE_FOURS; k < UNITS; k++) {
    all = plus_unit(all, rows, k, first + k * UNITS);
  }
  return all;
}

// The row and the unit of a cell.
struct Cell {
  row: u32,
  unit: u32,
}

// The n-th cell of a tile, in the order of `cells_of`.
fn tile_cell(n: u32, first_row: u32, first_unit: u32, lane: u32) -> Cell {
  return Cell(first_row + tile_row(n / 16 * 8 + n % 8, lane), tile_unit(first_unit, n / 8 % 2));
}

// The sums of all cells of a tile as an array: eight rows of the first unit, the same rows of the second, then the rows below.
fn cells_of(sums: TileSums) -> array<vec4f, 64> {
  let a = sums.rows0.first;
  let b = sums.rows0.second;
  let c = sums.rows8.first;
  let d = sums.rows8.second;
  let e = sums.rows16.first;
  let f = sums.rows16.second;
  let g = sums.rows24.first;
  let h = sums.rows24.second;
  return array(
    a.r0, a.r1, a.r2, a.r3, a.r4, a.r5, a.r6, a.r7, b.r0, b.r1, b.r2, b.r3, b.r4, b.r5, b.r6, b.r7,
    c.r0, c.r1, c.r2, c.r3, c.r4, c.r5, c.r6, c.r7, d.r0, d.r1, d.r2, d.r3, d.r4, d.r5, d.r6, d.r7,
    e.r0, e.r1, e.r2, e.r3, e.r4, e.r5, e.r6, e.r7, f.r0, f.r1, f.r2, f.r3, f.r4, f.r5, f.r6, f.r7,
    g.r0, g.r1, g.r2, g.r3, g.r4, g.r5, g.r6, g.r7, h.r0, h.r1, h.r2, h.r3, h.r4, h.r5, h.r6, h.r7);
}

// The functions below compute the same products for tiles of one row, whose x or h begins at `start`.

fn plus_features_of_row(sums: UnitPair, start: u32, count: u32, first: vec2u) -> UnitPair {
  var all = sums;
  for (var k = 0u; k < count; k++) {
    all = plus_factor(all, input[start + k], first + k * UNITS);
  }
  return all;
}

fn plus_units_of_row(sums: UnitPair, start: u32, lane: u32, first: vec2u) -> UnitPair {
  var all = sums;
  let rows = quad_order(lane) * UNITS;
  for (var k = 0u; k < WHOLE_FOURS; k += 4) {
    let factors = four_of_h(start + k, lane);
    let offset = first + k * UNITS;
    all = plus_factor(all, factors.x, offset + rows.x);
    all = plus_factor(all, factors.y, offset + rows.y);
    all = plus_factor(all, factors.z, offset + rows.z);
    all = plus_factor(all, factors.w, offset + rows.w);
  }
  for (var k = WHOLE_FOURS; k < UNITS; k++) {
    all = plus_factor(all, h[start + k], first + k * UNITS);
  }
  return all;
}

fn plus_factor(sums: UnitPair, factor: f32, offsets: vec2u) -> UnitPair {
  let weight = pair_of_weights(offsets);
  return UnitPair(fma(vec4f(factor), weight.first, sums.first), fma(vec4f(factor), weight.second, sums.second));
}

fn four_of_h(start: u32, lane: u32) -> vec4f {
  if (BY_QUADS) {
    return values_of_quad(h[start + lane]);
  }
  return vec4f(h[start], h[start + 1], h[start + 2], h[start + 3]);
}
