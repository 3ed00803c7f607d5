// What the kernels of matrix products share: out = a · b, worked out in blocks of 4 x 4 elements. A matrix tells where it
// begins and how far apart its rows and its columns lie: a transpose or a choice of columns is a choice of strides.
//
// A block holds four rows, each a vector. WGSL calls such vectors columns, so its matrices are ours transposed, and
// products of blocks read from right to left: rows of a · b are (b as WGSL sees it) * (a as WGSL sees it).
//
// No load needs a branch: past the edge the last row or column stands in, past the last k the factors of a are zero.
override ROWS: u32;
override INNER: u32;
override COLUMNS: u32;
override A_FIRST: u32;
override A_ROW: u32;       // from one row to the next
override A_COLUMN: u32;
override B_FIRST: u32;
override B_ROW: u32;
override B_COLUMN: u32;
override OUT_FIRST: u32;
override OUT_ROW: u32;
override OUT_COLUMN: u32;
override ADD_BIAS: u32;    // 1: b has one row more, which is added to every row of the product

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

const BLOCK = 4u;   // rows, and columns, of a block

fn four_from(first: u32, count: u32) -> vec4u {
  return min(first + vec4u(0, 1, 2, 3), vec4u(count - 1));
}

// Where four rows of a begin, and four columns of b.
fn rows_of_a(first: u32) -> vec4u {
  return A_FIRST + four_from(first, ROWS) * A_ROW;
}

fn columns_of_b(first: u32) -> vec4u {
  return B_FIRST + four_from(first, COLUMNS) * B_COLUMN;
}

fn factors_from(k: u32) -> vec4u {
  if (INNER % BLOCK == 0) {
    return k + vec4u(0, 1, 2, 3);
  }
  return four_from(k, INNER);
}

// The factors of a row of a from k on.
fn row_of_a(row: u32, k: u32) -> vec4f {
  let at = row + factors_from(k) * A_COLUMN;
  let factors = vec4f(a[at.x], a[at.y], a[at.z], a[at.w]);
  if (INNER % BLOCK == 0) {
    return factors;
  }
  return select(vec4f(), factors, k + vec4u(0, 1, 2, 3) < vec4u(INNER));
}

fn block_of_a(rows: vec4u, k: u32) -> mat4x4f {
  if (ROWS == 1) {
    return mat4x4f(row_of_a(rows.x, k), vec4f(), vec4f(), vec4f());
  }
  return mat4x4f(row_of_a(rows.x, k), row_of_a(rows.y, k), row_of_a(rows.z, k), row_of_a(rows.w, k));
}

fn row_of_b(columns: vec4u, k: u32) -> vec4f {
  let at = columns + k * B_ROW;
  if (COLUMNS == 1) {
    return vec4f(b[at.x], 0, 0, 0);
  }
  return vec4f(b[at.x], b[at.y], b[at.z], b[at.w]);
}

fn block_of_b(columns: vec4u, k: u32) -> mat4x4f {
  let rows = factors_from(k);
  return mat4x4f(
    row_of_b(columns, rows.x),
    row_of_b(columns, rows.y),
    row_of_b(columns, rows.z),
    row_of_b(columns, rows.w));
}

// What the sums of a block begin with.
fn block_of_bias(columns: vec4u) -> mat4x4f {
  if (ADD_BIAS == 0) {
    return mat4x4f();
  }
  let bias = row_of_b(columns, INNER);
  return mat4x4f(bias, bias, bias, bias);
}

fn store_row(row: u32, columns: vec4u, sums: vec4f) {
  out[row + columns.x] = sums.x;
  if (COLUMNS > 1) {
    out[row + columns.y] = sums.y;
    out[row + columns.z] = sums.z;
    out[row + columns.w] = sums.w;
  }
}

// A block across the edge stores its last row or column again: the same sums, to the same place.
fn store_block(first_row: u32, first_column: u32, sums: mat4x4f) {
  if (first_row >= ROWS || first_column >= COLUMNS) {
    return;
  }
  let rows = OUT_FIRST + four_from(first_row, ROWS) * OUT_ROW;
  let columns = four_from(first_column, COLUMNS) * OUT_COLUMN;
  store_row(rows.x, columns, sums[0]);
  if (ROWS > 1) {
    store_row(rows.y, columns, sums[1]);
    store_row(rows.z, columns, sums[2]);
    store_row(rows.w, columns, sums[3]);
  }
}
