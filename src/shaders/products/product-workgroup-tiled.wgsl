// Multiplies two matrices by tiles in workgroup memory, so that a workgroup loads each element of its operands only once.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  EDGE x EDGE per workgroup. An invocation owns HIGH x WIDE blocks of 4 x 4 elements, EDGE blocks apart, so that
//          neighbouring invocations read adjacent vectors of a tile. It loads at most one block of a or of b at a time
// Hazards  tiles are double-buffered: the next ones are loaded into registers while the last ones are multiplied, and stored
//          into the buffer that nobody reads. So one barrier lies between storing tiles and reading them, and none behind
// Source   —
override EDGE: u32;    // threads along each edge of a workgroup: 8 or 16
override HIGH: u32;    // blocks of an invocation below each other
override WIDE: u32;    // blocks of an invocation beside each other
override DEPTH: u32;   // terms of each sum, along k, that the tiles hold at a time

const K_BLOCKS = DEPTH / BLOCK;
const ROW_BLOCKS = HIGH * EDGE;
const COLUMN_BLOCKS = WIDE * EDGE;
const BLOCKS_OF_A = K_BLOCKS * ROW_BLOCKS;
const BLOCKS_OF_B = K_BLOCKS * COLUMN_BLOCKS;

// For each k of each buffer, the rows of a, or the columns of b, in vectors of four.
var<workgroup> tile_a: array<array<vec4f, ROW_BLOCKS>, 2 * DEPTH>;
var<workgroup> tile_b: array<array<vec4f, COLUMN_BLOCKS>, 2 * DEPTH>;

// The sums of the blocks of an invocation, row by row. Their indices are constants once loops are unrolled: they are registers.
var<private> sums: array<mat4x4f, HIGH * WIDE>;

// Position of a block in a tile: its four k, and its four rows or columns, among such groups of four.
struct TileBlock {
  k: u32,
  four: u32,
}

// Position of the block that an invocation loads. Neighbouring invocations take neighbouring k, or neighbouring rows or columns,
// whichever are adjacent in memory, so that loads are coalesced.
fn tile_block(block: u32, along_k: bool, fours: u32) -> TileBlock {
  if (along_k) {
    return TileBlock(block % K_BLOCKS, block / K_BLOCKS);
  }
  return TileBlock(block / fours, block % fours);
}

fn block_of_tile_a(thread: u32) -> TileBlock {
  return tile_block(thread, A_COLUMN == 1, ROW_BLOCKS);
}

fn block_of_tile_b(thread: u32) -> TileBlock {
  return tile_block(thread - BLOCKS_OF_A, B_ROW == 1, COLUMN_BLOCKS);
}

// Loads the block of an invocation: for each k four rows of a, or four columns of b.
fn load_block(thread: u32, first_row: u32, first_column: u32, first_k: u32) -> mat4x4f {
  if (thread < BLOCKS_OF_A) {
    let at = block_of_tile_a(thread);
    let k = first_k + BLOCK * at.k;
    if (k < INNER) {
      return transpose(block_of_a(rows_of_a(first_row + BLOCK * at.four), k));
    }
  }
  if (thread >= BLOCKS_OF_A && thread < BLOCKS_OF_A + BLOCKS_OF_B) {
    let at = block_of_tile_b(thread);
    let k = clamped(four_indices_from(first_k + BLOCK * at.k), INNER);
    return block_of_b(columns_of_b(first_column + BLOCK * at.four), k);
  }
  return mat4x4f();
}

fn store_in_tile(thread: u32, buffer: u32, block: mat4x4f) {
  if (thread < BLOCKS_OF_A) {
    let at = block_of_tile_a(thread);
    for (var n = 0u; n < 4; n++) { // unrolled
      tile_a[buffer * DEPTH + BLOCK * at.k + n][at.four] = block[n];
    }
  } else if (thread < BLOCKS_OF_A + BLOCKS_OF_B) {
    let at = block_of_tile_b(thread);
    for (var n = 0u; n < 4; n++) { // unrolled
      tile_b[buffer * DEPTH + BLOCK * at.k + n][at.four] = block[n];
    }
  }
}

fn plus_outer_product(block: mat4x4f, left: vec4f, right: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(left.x), right, block[0]),
    fma(vec4f(left.y), right, block[1]),
    fma(vec4f(left.z), right, block[2]),
    fma(vec4f(left.w), right, block[3]));
}

fn multiply(buffer: u32, local: vec2u) {
  for (var k = 0u; k < DEPTH; k++) {
    for (var high = 0u; high < HIGH; high++) { // unrolled
      let left = tile_a[buffer * DEPTH + k][high * EDGE + local.y];
      for (var wide = 0u; wide < WIDE; wide++) { // unrolled
        let right = tile_b[buffer * DEPTH + k][wide * EDGE + local.x];
        sums[high * WIDE + wide] = plus_outer_product(sums[high * WIDE + wide], left, right);
      }
    }
  }
}

@compute @workgroup_size(EDGE, EDGE)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let first_row = group.y * ROW_BLOCKS * BLOCK;
  let first_column = group.x * COLUMN_BLOCKS * BLOCK;
  for (var wide = 0u; wide < WIDE; wide++) { // unrolled
    let bias = block_of_bias(columns_of_b(first_column + BLOCK * (wide * EDGE + local.x)));
    for (var high = 0u; high < HIGH; high++) { // unrolled
      sums[high * WIDE + wide] = bias;
    }
  }

  store_in_tile(thread, 0, load_block(thread, first_row, first_column, 0));
  for (var first_k = 0u; first_k < INNER; first_k += DEPTH) {
    let buffer = first_k / DEPTH % 2;
    workgroupBarrier();
    let has_next = first_k + DEPTH < INNER;
    var next = mat4x4f();
    if (has_next) {
      next = load_block(thread, first_row, first_column, first_k + DEPTH);
    }
    multiply(buffer, local.xy);
    if (has_next) {
      store_in_tile(thread, 1 - buffer, next);
    }
  }

  for (var high = 0u; high < HIGH; high++) { // unrolled
    let rows = four_indices_from(first_row + BLOCK * (high * EDGE + local.y));
    for (var wide = 0u; wide < WIDE; wide++) { // unrolled
      store_block(rows, first_column + BLOCK * (wide * EDGE + local.x), sums[high * WIDE + wide]);
    }
  }
}
