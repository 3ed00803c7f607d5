// Multiplies two matrices. Each invocation accumulates a large tile of the product in registers, so that every load feeds
// many multiply-adds.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  WIDE x HIGH per workgroup. An invocation owns a register tile of STRIPS strips of four rows, each strip two blocks
//          of 4 x 4 elements. The blocks of neighbouring invocations are adjacent, so that loads of columns are coalesced.
//          With HIGH 1 all threads of a workgroup have the same rows, so that a quad can share their loads
// Hazards  none: no element of out is read, and each is written by one invocation
// Source   —
override STRIPS: u32;   // strips of a register tile: 2, 4 or 8
override WIDE: u32;     // threads of a workgroup along the columns
override HIGH: u32;     // threads of a workgroup along the rows

// A strip of the register tile: two blocks of the same four rows.
struct Strip {
  first: mat4x4f,
  second: mat4x4f,
}

struct StripPair {
  first: Strip,
  second: Strip,
}

// The register tile: strips one below the other. Strips from STRIPS on are dead code, which the compiler drops.
struct Tile {
  first: StripPair,
  second: StripPair,
  third: StripPair,
  fourth: StripPair,
}

// Offsets in a of the four rows of a strip, and of the one of them that this invocation loads for its quad.
struct StripRows {
  all: vec4u,
  own: u32,
}

fn strip_rows(first: u32, lane: u32) -> StripRows {
  return StripRows(rows_of_a(first), rows_of_a(first + lane).x);
}

// Offsets of the operands of a register tile: the rows of its strips in a, and the columns of its two blocks in b.
struct Operands {
  rows: array<StripRows, 8>,
  columns: array<vec4u, 2>,
  lane: u32,
}

// The threads of a quad load a row of a block each where a is row-major, and a column each where it is column-major. After the
// exchange either the rows of the block, or its indices along k, are in the order of the quad. These two functions tell both.
fn block_rows(first: u32, lane: u32) -> vec4u {
  if (is_a_column_major()) {
    return four_indices_from(first);
  }
  return first + quad_order(lane);
}

fn block_k_indices(first: u32, lane: u32) -> vec4u {
  if (is_a_column_major()) {
    return clamped_k_indices(first + quad_order(lane));
  }
  return k_indices_from(first);
}

fn left_block(operands: Operands, strip: u32, k: u32) -> mat4x4f {
  let rows = operands.rows[strip];
  if (!BY_QUADS) {
    return block_of_a(rows.all, k);
  }
  if (is_a_column_major()) {
    return transpose(vectors_of_quad(column_of_a(rows.all, k + operands.lane)));
  }
  return vectors_of_quad(row_of_a(rows.own, k));
}

fn plus_strip(sums: Strip, left: mat4x4f, right: Strip) -> Strip {
  return Strip(plus_product(sums.first, left, right.first), plus_product(sums.second, left, right.second));
}

fn plus_strip_pair(sums: StripPair, operands: Operands, strip: u32, k: u32, right: Strip) -> StripPair {
  return StripPair(
    plus_strip(sums.first, left_block(operands, strip, k), right),
    plus_strip(sums.second, left_block(operands, strip + 1, k), right));
}

fn plus_products(sums: Tile, operands: Operands, k: u32) -> Tile {
  let k_indices = block_k_indices(k, operands.lane);
  let right = Strip(block_of_b(operands.columns[0], k_indices), block_of_b(operands.columns[1], k_indices));
  var tile = sums;
  tile.first = plus_strip_pair(sums.first, operands, 0, k, right);
  if (STRIPS > 2) {
    tile.second = plus_strip_pair(sums.second, operands, 2, k, right);
  }
  if (STRIPS > 4) {
    tile.third = plus_strip_pair(sums.third, operands, 4, k, right);
    tile.fourth = plus_strip_pair(sums.fourth, operands, 6, k, right);
  }
  return tile;
}

fn store_strip(first_row: u32, lane: u32, columns: vec2u, sums: Strip) {
  let rows = block_rows(first_row, lane);
  store_block(rows, columns.x, sums.first);
  store_block(rows, columns.y, sums.second);
}

fn store_strip_pair(first_row: u32, lane: u32, columns: vec2u, sums: StripPair) {
  store_strip(first_row, lane, columns, sums.first);
  store_strip(first_row + BLOCK, lane, columns, sums.second);
}

@compute @workgroup_size(WIDE, HIGH)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let lane = quad_lane(thread);
  let row = BLOCK * id.y * STRIPS;
  let columns = BLOCK * (group.x * 2 * WIDE + local.x + WIDE * vec2u(0, 1));
  let operands = Operands(
    array(
      strip_rows(row, lane),
      strip_rows(row + BLOCK, lane),
      strip_rows(row + 2 * BLOCK, lane),
      strip_rows(row + 3 * BLOCK, lane),
      strip_rows(row + 4 * BLOCK, lane),
      strip_rows(row + 5 * BLOCK, lane),
      strip_rows(row + 6 * BLOCK, lane),
      strip_rows(row + 7 * BLOCK, lane)),
    array(columns_of_b(columns.x), columns_of_b(columns.y)),
    lane);

  let bias = Strip(block_of_bias(operands.columns[0]), block_of_bias(operands.columns[1]));
  let pair = StripPair(bias, bias);
  var sums = Tile(pair, pair, pair, pair);
  for (var k = 0u; k < INNER; k += BLOCK) {
    sums = plus_products(sums, operands, k);
  }

  store_strip_pair(row, lane, columns, sums.first);
  if (STRIPS > 2) {
    store_strip_pair(row + 2 * BLOCK, lane, columns, sums.second);
  }
  if (STRIPS > 4) {
    store_strip_pair(row + 4 * BLOCK, lane, columns, sums.third);
    store_strip_pair(row + 6 * BLOCK, lane, columns, sums.fourth);
  }
}
