// The product of two matrices, each invocation with a large tile of sums in registers: few loads feed many products.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  WIDE x HIGH a workgroup; one invocation owns STRIPS strips of rows, each of four blocks of 4 x 4. Blocks of
//          neighbours lie side by side, so that they load neighbouring columns at the same time. With HIGH 1 all threads of
//          a workgroup have the same rows, so that quads can load them together
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

// Where in a the four rows of a strip begin, and the one of them that an invocation loads for its quad.
struct StripRows {
  all: vec4u,
  own: u32,
}

fn strip_rows(first: u32, in_quad: u32) -> StripRows {
  return StripRows(rows_of_a(first), rows_of_a(first + in_quad).x);
}

// Where in a the rows of each strip begin, and in b the columns of each of its blocks.
struct Places {
  rows: array<StripRows, 4>,
  columns: array<vec4u, 4>,
  in_quad: u32,
}

// Which rows a left block holds, and which factors: quads hand over the rows of an a by rows, the factors of one by columns.
fn block_rows(first: u32, in_quad: u32) -> vec4u {
  if (is_a_by_columns()) {
    return four_from(first);
  }
  return first + quad_order(in_quad);
}

fn block_factors(first: u32, in_quad: u32) -> vec4u {
  if (is_a_by_columns()) {
    return inner_factors(first + quad_order(in_quad));
  }
  return factors_from(first);
}

fn left_block(places: Places, strip: u32, k: u32) -> mat4x4f {
  let rows = places.rows[strip];
  if (!BY_QUADS) {
    return block_of_a(rows.all, k);
  }
  if (is_a_by_columns()) {
    return transpose(vectors_of_quad(column_of_a(rows.all, k + places.in_quad)));
  }
  return vectors_of_quad(row_of_a(rows.own, k));
}

fn plus_strip(sums: Strip, left: mat4x4f, right: Strip) -> Strip {
  return Strip(
    plus_product(sums.first, left, right.first),
    plus_product(sums.second, left, right.second),
    plus_product(sums.third, left, right.third),
    plus_product(sums.fourth, left, right.fourth));
}

fn plus_products(sums: Tile, places: Places, k: u32) -> Tile {
  let factors = block_factors(k, places.in_quad);
  let right = Strip(
    block_of_b(places.columns[0], factors),
    block_of_b(places.columns[1], factors),
    block_of_b(places.columns[2], factors),
    block_of_b(places.columns[3], factors));
  var tile = sums;
  tile.first = plus_strip(sums.first, left_block(places, 0, k), right);
  if (STRIPS > 1) {
    tile.second = plus_strip(sums.second, left_block(places, 1, k), right);
  }
  if (STRIPS > 2) {
    tile.third = plus_strip(sums.third, left_block(places, 2, k), right);
    tile.fourth = plus_strip(sums.fourth, left_block(places, 3, k), right);
  }
  return tile;
}

fn store_strip(first_row: u32, in_quad: u32, columns: vec4u, sums: Strip) {
  let rows = block_rows(first_row, in_quad);
  store_block(rows, columns.x, sums.first);
  store_block(rows, columns.y, sums.second);
  store_block(rows, columns.z, sums.third);
  store_block(rows, columns.w, sums.fourth);
}

@compute @workgroup_size(WIDE, HIGH)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let in_quad = place_in_quad(thread);
  let rows = BLOCK * (id.y * STRIPS + vec4u(0, 1, 2, 3));
  let columns = BLOCK * (group.x * 4 * WIDE + local.x + WIDE * vec4u(0, 1, 2, 3));
  let places = Places(
    array(
      strip_rows(rows.x, in_quad),
      strip_rows(rows.y, in_quad),
      strip_rows(rows.z, in_quad),
      strip_rows(rows.w, in_quad)),
    array(columns_of_b(columns.x), columns_of_b(columns.y), columns_of_b(columns.z), columns_of_b(columns.w)),
    in_quad);

  let bias = Strip(
    block_of_bias(places.columns[0]),
    block_of_bias(places.columns[1]),
    block_of_bias(places.columns[2]),
    block_of_bias(places.columns[3]));
  var sums = Tile(bias, bias, bias, bias);
  for (var k = 0u; k < INNER; k += BLOCK) {
    sums = plus_products(sums, places, k);
  }

  store_strip(rows.x, in_quad, columns, sums.first);
  if (STRIPS > 1) {
    store_strip(rows.y, in_quad, columns, sums.second);
  }
  if (STRIPS > 2) {
    store_strip(rows.z, in_quad, columns, sums.third);
    store_strip(rows.w, in_quad, columns, sums.fourth);
  }
}
