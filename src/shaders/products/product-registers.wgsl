// The product of two matrices, each invocation with a large tile of sums in registers: few loads feed many products.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  WIDE x HIGH a workgroup; one invocation owns STRIPS strips of rows, each of two blocks of 4 x 4. Blocks of
//          neighbours lie side by side, so that they load neighbouring columns at the same time. With HIGH 1 all threads of
//          a workgroup have the same rows, so that quads can load them together
// Hazards  none: no element of out is read, and each has one owner
// Source   —
override STRIPS: u32;   // 2, 4 or 8
override WIDE: u32;
override HIGH: u32;

// Two blocks of the same rows.
struct Strip {
  first: mat4x4f,
  second: mat4x4f,
}

struct Pair {
  first: Strip,
  second: Strip,
}

// Strips one below the other; the compiler drops those that STRIPS does not count.
struct Tile {
  first: Pair,
  second: Pair,
  third: Pair,
  fourth: Pair,
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
  rows: array<StripRows, 8>,
  columns: array<vec4u, 2>,
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
  return Strip(plus_product(sums.first, left, right.first), plus_product(sums.second, left, right.second));
}

fn plus_pair(sums: Pair, places: Places, strip: u32, k: u32, right: Strip) -> Pair {
  return Pair(
    plus_strip(sums.first, left_block(places, strip, k), right),
    plus_strip(sums.second, left_block(places, strip + 1, k), right));
}

fn plus_products(sums: Tile, places: Places, k: u32) -> Tile {
  let factors = block_factors(k, places.in_quad);
  let right = Strip(block_of_b(places.columns[0], factors), block_of_b(places.columns[1], factors));
  var tile = sums;
  tile.first = plus_pair(sums.first, places, 0, k, right);
  if (STRIPS > 2) {
    tile.second = plus_pair(sums.second, places, 2, k, right);
  }
  if (STRIPS > 4) {
    tile.third = plus_pair(sums.third, places, 4, k, right);
    tile.fourth = plus_pair(sums.fourth, places, 6, k, right);
  }
  return tile;
}

fn store_strip(first_row: u32, in_quad: u32, columns: vec2u, sums: Strip) {
  let rows = block_rows(first_row, in_quad);
  store_block(rows, columns.x, sums.first);
  store_block(rows, columns.y, sums.second);
}

fn store_pair(first_row: u32, in_quad: u32, columns: vec2u, sums: Pair) {
  store_strip(first_row, in_quad, columns, sums.first);
  store_strip(first_row + BLOCK, in_quad, columns, sums.second);
}

@compute @workgroup_size(WIDE, HIGH)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let in_quad = place_in_quad(thread);
  let row = BLOCK * id.y * STRIPS;
  let columns = BLOCK * (group.x * 2 * WIDE + local.x + WIDE * vec2u(0, 1));
  let places = Places(
    array(
      strip_rows(row, in_quad),
      strip_rows(row + BLOCK, in_quad),
      strip_rows(row + 2 * BLOCK, in_quad),
      strip_rows(row + 3 * BLOCK, in_quad),
      strip_rows(row + 4 * BLOCK, in_quad),
      strip_rows(row + 5 * BLOCK, in_quad),
      strip_rows(row + 6 * BLOCK, in_quad),
      strip_rows(row + 7 * BLOCK, in_quad)),
    array(columns_of_b(columns.x), columns_of_b(columns.y)),
    in_quad);

  let bias = Strip(block_of_bias(places.columns[0]), block_of_bias(places.columns[1]));
  let pair = Pair(bias, bias);
  var sums = Tile(pair, pair, pair, pair);
  for (var k = 0u; k < INNER; k += BLOCK) {
    sums = plus_products(sums, places, k);
  }

  store_pair(row, in_quad, columns, sums.first);
  if (STRIPS > 2) {
    store_pair(row + 2 * BLOCK, in_quad, columns, sums.second);
  }
  if (STRIPS > 4) {
    store_pair(row + 4 * BLOCK, in_quad, columns, sums.third);
    store_pair(row + 6 * BLOCK, in_quad, columns, sums.fourth);
  }
}
