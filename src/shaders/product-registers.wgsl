// The product of two matrices, each invocation with a large tile of sums in registers: few loads feed many products.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  WIDE x HIGH a workgroup; one invocation owns STRIPS strips of rows, each of four blocks of 4 x 4. Blocks of
//          neighbours lie side by side, so that they load neighbouring columns at the same time
// Hazards  none: no element of out is read, and each has one owner
// Source   —
override STRIPS: u32;   // 1, 2 or 4
override WIDE: u32;
override HIGH: u32;

// Four blocks of the same rows.
struct Strip {
  first: mat4x4f,
  second: mat4x4f,
  third: mat4x4f,
  fourth: mat4x4f,
}

struct Tile {
  first: Strip,
  second: Strip,
  third: Strip,
  fourth: Strip,
}

// Where in a the rows of each strip begin, and in b the columns of each of its blocks.
struct Places {
  rows: array<vec4u, 4>,
  columns: array<vec4u, 4>,
}

fn plus_product(sums: Strip, left: mat4x4f, right: Strip) -> Strip {
  return Strip(
    sums.first + right.first * left,
    sums.second + right.second * left,
    sums.third + right.third * left,
    sums.fourth + right.fourth * left);
}

fn plus_products(sums: Tile, places: Places, k: u32) -> Tile {
  let right = Strip(
    block_of_b(places.columns[0], k),
    block_of_b(places.columns[1], k),
    block_of_b(places.columns[2], k),
    block_of_b(places.columns[3], k));
  var tile = sums;
  tile.first = plus_product(sums.first, block_of_a(places.rows[0], k), right);
  if (STRIPS > 1) {
    tile.second = plus_product(sums.second, block_of_a(places.rows[1], k), right);
  }
  if (STRIPS > 2) {
    tile.third = plus_product(sums.third, block_of_a(places.rows[2], k), right);
    tile.fourth = plus_product(sums.fourth, block_of_a(places.rows[3], k), right);
  }
  return tile;
}

fn store_strip(row: u32, columns: vec4u, sums: Strip) {
  store_block(row, columns.x, sums.first);
  store_block(row, columns.y, sums.second);
  store_block(row, columns.z, sums.third);
  store_block(row, columns.w, sums.fourth);
}

@compute @workgroup_size(WIDE, HIGH)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(global_invocation_id) id: vec3u,
) {
  let rows = BLOCK * (id.y * STRIPS + vec4u(0, 1, 2, 3));
  let columns = BLOCK * (group.x * 4 * WIDE + local.x + WIDE * vec4u(0, 1, 2, 3));
  let places = Places(
    array(rows_of_a(rows.x), rows_of_a(rows.y), rows_of_a(rows.z), rows_of_a(rows.w)),
    array(columns_of_b(columns.x), columns_of_b(columns.y), columns_of_b(columns.z), columns_of_b(columns.w)));

  let bias = Strip(
    block_of_bias(places.columns[0]),
    block_of_bias(places.columns[1]),
    block_of_bias(places.columns[2]),
    block_of_bias(places.columns[3]));
  var sums = Tile(bias, bias, bias, bias);
  for (var k = 0u; k < INNER; k += BLOCK) {
    sums = plus_products(sums, places, k);
  }

  store_strip(rows.x, columns, sums.first);
  if (STRIPS > 1) {
    store_strip(rows.y, columns, sums.second);
  }
  if (STRIPS > 2) {
    store_strip(rows.z, columns, sums.third);
    store_strip(rows.w, columns, sums.fourth);
  }
}
