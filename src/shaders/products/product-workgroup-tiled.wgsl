// Multiplies two matrices by tiles in workgroup memory, so that a workgroup loads each element of its operands only once.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  EDGE x EDGE per workgroup. An invocation owns 2 x 2 blocks of 4 x 4 elements, EDGE blocks apart, so that
//          neighbouring invocations read adjacent vectors of a tile
// Hazards  one barrier between loading the tiles and reading them, and one before they are loaded again
// Source   —
override EDGE: u32;   // threads along each edge of a workgroup: 8 or 16

const DEPTH = 8u;     // terms of each sum, along k, that the tiles hold at a time

// The tiles are [DEPTH, 2 * EDGE] vectors: for each k, four rows of a, or four columns of b, in a vector.
var<workgroup> tile_a: array<vec4f, DEPTH * 2 * EDGE>;
var<workgroup> tile_b: array<vec4f, DEPTH * 2 * EDGE>;

// Position of a vector in a tile: its k, and the number of its four rows or columns among such groups of four.
struct TileVector {
  k: u32,
  four: u32,
}

// Position of the vector that an invocation loads. Neighbouring invocations take neighbouring k, or neighbouring rows or
// columns, whichever are adjacent in memory, so that loads are coalesced.
fn tile_vector(vector: u32, along_k: bool) -> TileVector {
  if (along_k) {
    return TileVector(vector % DEPTH, vector / DEPTH);
  }
  return TileVector(vector / (2 * EDGE), vector % (2 * EDGE));
}

fn load_tiles(thread: u32, first_row: u32, first_column: u32, first_k: u32) {
  for (var vector = thread; vector < DEPTH * 2 * EDGE; vector += EDGE * EDGE) {
    let of_a = tile_vector(vector, A_COLUMN == 1);
    let k = first_k + of_a.k;
    let at = rows_of_a(first_row + BLOCK * of_a.four) + min(k, INNER - 1) * A_COLUMN;
    tile_a[of_a.k * 2 * EDGE + of_a.four] = select(vec4f(), vec4f(a[at.x], a[at.y], a[at.z], a[at.w]), k < INNER);

    let of_b = tile_vector(vector, B_ROW == 1);
    let columns = columns_of_b(first_column + BLOCK * of_b.four);
    tile_b[of_b.k * 2 * EDGE + of_b.four] = row_of_b(columns, min(first_k + of_b.k, INNER - 1));
  }
}

fn outer_product(left: vec4f, right: vec4f) -> mat4x4f {
  return mat4x4f(left.x * right, left.y * right, left.z * right, left.w * right);
}

@compute @workgroup_size(EDGE, EDGE)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let first_row = group.y * 2 * EDGE * BLOCK;
  let first_column = group.x * 2 * EDGE * BLOCK;
  let rows = first_row + BLOCK * (local.y + vec2u(0, EDGE));
  let columns = first_column + BLOCK * (local.x + vec2u(0, EDGE));

  var upper_left = block_of_bias(columns_of_b(columns.x));
  var upper_right = block_of_bias(columns_of_b(columns.y));
  var lower_left = upper_left;
  var lower_right = upper_right;
  for (var first_k = 0u; first_k < INNER; first_k += DEPTH) {
    load_tiles(thread, first_row, first_column, first_k);
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let upper = tile_a[k * 2 * EDGE + local.y];
      let lower = tile_a[(k * 2 + 1) * EDGE + local.y];
      let left = tile_b[k * 2 * EDGE + local.x];
      let right = tile_b[(k * 2 + 1) * EDGE + local.x];
      upper_left += outer_product(upper, left);
      upper_right += outer_product(upper, right);
      lower_left += outer_product(lower, left);
      lower_right += outer_product(lower, right);
    }
    workgroupBarrier();
  }

  store_block(four_indices_from(rows.x), columns.x, upper_left);
  store_block(four_indices_from(rows.x), columns.y, upper_right);
  store_block(four_indices_from(rows.y), columns.x, lower_left);
  store_block(four_indices_from(rows.y), columns.y, lower_right);
}
