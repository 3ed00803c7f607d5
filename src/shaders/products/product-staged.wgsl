// The product of two matrices, staged in workgroup memory: each element is loaded once for a whole workgroup.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  EDGE x EDGE a workgroup; one invocation owns two times two blocks of 4 x 4 elements, EDGE blocks apart:
//          neighbours read neighbouring vectors of the stage
// Hazards  a barrier before the stage is read, and one before it is filled anew
// Source   —
override EDGE: u32;   // 8 or 16

const DEPTH = 8u;

// [DEPTH, 2 * EDGE]: for each k, four rows of a, or four columns of b, a vector.
var<workgroup> stage_of_a: array<vec4f, DEPTH * 2 * EDGE>;
var<workgroup> stage_of_b: array<vec4f, DEPTH * 2 * EDGE>;

// Which vector of a stage an invocation fills: neighbours load what lies side by side in the matrix, which are either
// factors of neighbouring k or neighbouring rows or columns.
struct Seat {
  k: u32,
  four: u32,
}

fn seat(number: u32, along_k: bool) -> Seat {
  if (along_k) {
    return Seat(number % DEPTH, number / DEPTH);
  }
  return Seat(number / (2 * EDGE), number % (2 * EDGE));
}

fn fill_stages(thread: u32, first_row: u32, first_column: u32, first_k: u32) {
  for (var number = thread; number < DEPTH * 2 * EDGE; number += EDGE * EDGE) {
    let of_a = seat(number, A_COLUMN == 1);
    let k = first_k + of_a.k;
    let at = rows_of_a(first_row + BLOCK * of_a.four) + min(k, INNER - 1) * A_COLUMN;
    stage_of_a[of_a.k * 2 * EDGE + of_a.four] = select(vec4f(), vec4f(a[at.x], a[at.y], a[at.z], a[at.w]), k < INNER);

    let of_b = seat(number, B_ROW == 1);
    let columns = columns_of_b(first_column + BLOCK * of_b.four);
    stage_of_b[of_b.k * 2 * EDGE + of_b.four] = row_of_b(columns, min(first_k + of_b.k, INNER - 1));
  }
}

fn products(left: vec4f, right: vec4f) -> mat4x4f {
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
    fill_stages(thread, first_row, first_column, first_k);
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let upper = stage_of_a[k * 2 * EDGE + local.y];
      let lower = stage_of_a[(k * 2 + 1) * EDGE + local.y];
      let left = stage_of_b[k * 2 * EDGE + local.x];
      let right = stage_of_b[(k * 2 + 1) * EDGE + local.x];
      upper_left += products(upper, left);
      upper_right += products(upper, right);
      lower_left += products(lower, left);
      lower_right += products(lower, right);
    }
    workgroupBarrier();
  }

  store_block(four_from(rows.x), columns.x, upper_left);
  store_block(four_from(rows.x), columns.y, upper_right);
  store_block(four_from(rows.y), columns.x, lower_left);
  store_block(four_from(rows.y), columns.y, lower_right);
}
