// Products of a tile of the forward pass: numbers of its rows times the weights of its two units.
// Kernels that include this bind `input` and `h`, and `weights`, vectors of the gates of a unit in any precision.
const TILE_UNITS = 2u;

// Adds the products of a number of each row with the weights of a unit.
fn add_products(sums: ptr<function, Rows>, low: vec4f, high: vec4f, weight: vec4f) {
  (*sums).r0 += low.x * weight;
  (*sums).r1 += low.y * weight;
  (*sums).r2 += low.z * weight;
  (*sums).r3 += low.w * weight;
  (*sums).r4 += high.x * weight;
  (*sums).r5 += high.y * weight;
  (*sums).r6 += high.z * weight;
  (*sums).r7 += high.w * weight;
}

// For feature k of rows of x that begin at the given places; the weights are those of both units.
fn add_feature(
  first: ptr<function, Rows>, second: ptr<function, Rows>, low: vec4u, high: vec4u, k: u32, weight: vec2u,
) {
  let x_low = vec4f(input[low.x + k], input[low.y + k], input[low.z + k], input[low.w + k]);
  let x_high = vec4f(input[high.x + k], input[high.y + k], input[high.z + k], input[high.w + k]);
  add_products(first, x_low, x_high, vec4f(weights[weight.x]));
  add_products(second, x_low, x_high, vec4f(weights[weight.y]));
}

// And for unit k of rows of h.
fn add_unit(first: ptr<function, Rows>, second: ptr<function, Rows>, low: vec4u, high: vec4u, k: u32, weight: vec2u) {
  let h_low = vec4f(h[low.x + k], h[low.y + k], h[low.z + k], h[low.w + k]);
  let h_high = vec4f(h[high.x + k], h[high.y + k], h[high.z + k], h[high.w + k]);
  add_products(first, h_low, h_high, vec4f(weights[weight.x]));
  add_products(second, h_low, h_high, vec4f(weights[weight.y]));
}

// For all units of rows of h; the weights are those of unit 0.
fn add_units(first: ptr<function, Rows>, second: ptr<function, Rows>, low: vec4u, high: vec4u, weight: vec2u) {
  for (var k = 0u; k + 1 < UNITS; k += 2) {
    add_unit(first, second, low, high, k, weight + k * UNITS);
    add_unit(first, second, low, high, k + 1, weight + (k + 1) * UNITS);
  }
  if (UNITS % 2 == 1) {
    add_unit(first, second, low, high, UNITS - 1, weight + (UNITS - 1) * UNITS);
  }
}

// The sums of all cells of a tile, one after the other: eight rows of the first unit, then of the second.
fn cells_of(first: Rows, second: Rows) -> array<vec4f, 8 * TILE_UNITS> {
  return array<vec4f, 8 * TILE_UNITS>(
    first.r0, first.r1, first.r2, first.r3, first.r4, first.r5, first.r6, first.r7,
    second.r0, second.r1, second.r2, second.r3, second.r4, second.r5, second.r6, second.r7);
}

// The same sums where a tile is one row, whose x or h begins at the given place.
struct RowSums {
  first: vec4f,
  second: vec4f,
}

fn add_features_of_row(sums: ptr<function, RowSums>, start: u32, count: u32, weight: vec2u) {
  for (var k = 0u; k < count; k++) {
    (*sums).first += input[start + k] * vec4f(weights[weight.x + k * UNITS]);
    (*sums).second += input[start + k] * vec4f(weights[weight.y + k * UNITS]);
  }
}

fn add_unit_of_row(sums: ptr<function, RowSums>, start: u32, k: u32, weight: vec2u) {
  (*sums).first += h[start + k] * vec4f(weights[weight.x + k * UNITS]);
  (*sums).second += h[start + k] * vec4f(weights[weight.y + k * UNITS]);
}

fn add_units_of_row(sums: ptr<function, RowSums>, start: u32, weight: vec2u) {
  var k = 0u;
  for (; k + 3 < UNITS; k += 4) {
    add_unit_of_row(sums, start, k, weight);
    add_unit_of_row(sums, start, k + 1, weight);
    add_unit_of_row(sums, start, k + 2, weight);
    add_unit_of_row(sums, start, k + 3, weight);
  }
  for (; k < UNITS; k++) {
    add_unit_of_row(sums, start, k, weight);
  }
}
