// Products of a tile of the backward pass: rows of dz times weights with rows and units exchanged, for its four units.
// Kernels that include this bind `dz` and `transposed`, matrices of [H, H] vectors of the gates i, f, c, o.
const TILE_UNITS = 4u;

fn inner_units(first: u32) -> vec4u {
  return vec4u(inner_unit(first, 0), inner_unit(first, 1), inner_unit(first, 2), inner_unit(first, 3));
}

// Adds them for the rows of dz that begin at the given places, the weights of their first units at others.
fn add_gradients(sums: ptr<function, Rows>, low: vec4u, high: vec4u, weights: vec4u) {
  for (var k = 0u; k < UNITS; k++) {
    let weight = k * UNITS + weights;
    let of_units = mat4x4f(
      vec4f(transposed[weight.x]),
      vec4f(transposed[weight.y]),
      vec4f(transposed[weight.z]),
      vec4f(transposed[weight.w]));
    (*sums).r0 += dz[low.x + k] * of_units;
    (*sums).r1 += dz[low.y + k] * of_units;
    (*sums).r2 += dz[low.z + k] * of_units;
    (*sums).r3 += dz[low.w + k] * of_units;
    (*sums).r4 += dz[high.x + k] * of_units;
    (*sums).r5 += dz[high.y + k] * of_units;
    (*sums).r6 += dz[high.z + k] * of_units;
    (*sums).r7 += dz[high.w + k] * of_units;
  }
}

// Unit by unit, the sums of the eight rows.
fn rows_in_order(sums: Rows) -> array<vec4f, 8> {
  return array<vec4f, 8>(sums.r0, sums.r1, sums.r2, sums.r3, sums.r4, sums.r5, sums.r6, sums.r7);
}

// The same products where a tile is one row, not summed over the gates yet.
fn add_gradients_of_row(sums: ptr<function, mat4x4f>, start: u32, weights: vec4u) {
  for (var k = 0u; k < UNITS; k++) {
    let weight = k * UNITS + weights;
    let d = dz[start + k];
    (*sums)[0] += d * vec4f(transposed[weight.x]);
    (*sums)[1] += d * vec4f(transposed[weight.y]);
    (*sums)[2] += d * vec4f(transposed[weight.z]);
    (*sums)[3] += d * vec4f(transposed[weight.w]);
  }
}
