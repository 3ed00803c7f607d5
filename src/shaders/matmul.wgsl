// The product of two matrices, the second one transposed or followed by a bias row if asked for. Of the columns of weights,
// WIDTH of them, only some take part: column(n) = FIRST + n * STRIDE for n below COLUMNS, or below INNER with TRANSPOSE_B.
//
//   out[r, column(c)] = sum over k of a[r, k] * b[k, column(c)]   + b[INNER, column(c)] with ADD_BIAS
//   out[r, c] = sum over k of a[r, column(k)] * b[c, column(k)]                           with TRANSPOSE_B
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), WIDTH]   out [ROWS, WIDTH]
//          with TRANSPOSE_B: a [ROWS, WIDTH]   b [COLUMNS, WIDTH]   out [ROWS, COLUMNS]
// Threads  8 x 8 a workgroup; one invocation owns a tile of 4 x 4 elements and keeps its sums in registers
// Hazards  none: no element of out is read; loads past the edge repeat the last row or column, stores there are left out
// Source   —
override ROWS: u32;
override COLUMNS: u32;
override INNER: u32;
override WIDTH: u32;
override FIRST: u32;
override STRIDE: u32;
override TRANSPOSE_B: u32;
override ADD_BIAS: u32;

const TILE = 4u;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

fn four_of_a(rows: vec4u, k: u32) -> vec4f {
  let start = select(rows * INNER + k, rows * WIDTH + FIRST + k * STRIDE, vec4<bool>(TRANSPOSE_B == 1));
  return vec4f(a[start.x], a[start.y], a[start.z], a[start.w]);
}

fn four_of_b(columns: vec4u, k: u32) -> vec4f {
  let start = FIRST + select(columns * STRIDE + k * WIDTH, columns * WIDTH + k * STRIDE, vec4<bool>(TRANSPOSE_B == 1));
  return vec4f(b[start.x], b[start.y], b[start.z], b[start.w]);
}

fn out_index(row: u32, column: u32) -> u32 {
  return select(row * WIDTH + FIRST + column * STRIDE, row * COLUMNS + column, TRANSPOSE_B == 1);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first_row = id.y * TILE;
  let first_column = id.x * TILE;
  if (first_row >= ROWS || first_column >= COLUMNS) {
    return;
  }
  let offsets = vec4u(0, 1, 2, 3);
  let rows = min(vec4u(first_row) + offsets, vec4u(ROWS - 1));
  let columns = min(vec4u(first_column) + offsets, vec4u(COLUMNS - 1));

  var sums = array<vec4f, TILE>();
  if (ADD_BIAS == 1) {
    let bias = four_of_b(columns, INNER);
    sums = array<vec4f, TILE>(bias, bias, bias, bias);
  }
  for (var k = 0u; k < INNER; k++) {
    let left = four_of_a(rows, k);
    let right = four_of_b(columns, k);
    sums[0] += left.x * right;
    sums[1] += left.y * right;
    sums[2] += left.z * right;
    sums[3] += left.w * right;
  }
  for (var i = 0u; i < min(TILE, ROWS - first_row); i++) {
    for (var j = 0u; j < min(TILE, COLUMNS - first_column); j++) {
      out[out_index(first_row + i, first_column + j)] = sums[i][j];
    }
  }
}
