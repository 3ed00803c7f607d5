// What the kernels of matrix products share: out = a · b, worked out in blocks of 4 x 4 elements. A matrix tells where it
// begins and how far apart its rows and its columns lie: a transpose or a choice of columns is a choice of strides.
//
// A block holds four rows, each a vector. WGSL calls such vectors columns, so its matrices are ours transposed. It is loaded
// along whichever of its rows and columns lie side by side in memory.
//
// No load needs a branch: past the edge the last row or column stands in, past the last k the factors of a are zero.
// Kernels that include this have one of the preludes elements-numbers.wgsl and elements-vectors.wgsl in front.
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

@group(0) @binding(2) var<storage, read_write> out: array<f32>;

const BLOCK = 4u;   // rows, and columns, of a block

fn four_from(first: u32) -> vec4u {
  return first + vec4u(0, 1, 2, 3);
}

// The last of so many in place of those past the edge.
fn inner(numbers: vec4u, count: u32) -> vec4u {
  return min(numbers, vec4u(count - 1));
}

// Where four rows of a begin, and four columns of b.
fn rows_of_a(first: u32) -> vec4u {
  return A_FIRST + inner(four_from(first), ROWS) * A_ROW;
}

fn columns_of_b(first: u32) -> vec4u {
  return B_FIRST + inner(four_from(first), COLUMNS) * B_COLUMN;
}

fn inner_factors(k: vec4u) -> vec4u {
  if (INNER % BLOCK == 0) {
    return k;
  }
  return inner(k, INNER);
}

fn factors_from(k: u32) -> vec4u {
  return inner_factors(four_from(k));
}

// The factors of a row of a from k on.
fn row_of_a(row: u32, k: u32) -> vec4f {
  let factors = four_of_a(row + factors_from(k) * A_COLUMN);
  if (INNER % BLOCK == 0) {
    return factors;
  }
  return select(vec4f(), factors, four_from(k) < vec4u(INNER));
}

// Factor k of four rows of a.
fn column_of_a(rows: vec4u, k: u32) -> vec4f {
  let factors = four_of_a(rows + min(k, INNER - 1) * A_COLUMN);
  return select(vec4f(), factors, k < INNER);
}

fn is_a_by_columns() -> bool {
  return A_ROW == 1 && A_COLUMN != 1;
}

fn block_of_a(rows: vec4u, k: u32) -> mat4x4f {
  if (ROWS == 1) {
    return mat4x4f(row_of_a(rows.x, k), vec4f(), vec4f(), vec4f());
  }
  if (is_a_by_columns()) {
    return transpose(mat4x4f(
      column_of_a(rows, k),
      column_of_a(rows, k + 1),
      column_of_a(rows, k + 2),
      column_of_a(rows, k + 3)));
  }
  return mat4x4f(row_of_a(rows.x, k), row_of_a(rows.y, k), row_of_a(rows.z, k), row_of_a(rows.w, k));
}

fn row_of_b(columns: vec4u, k: u32) -> vec4f {
  return four_of_b(columns + k * B_ROW);
}

// The factors of a column of b, those past the last k whatever they are: there those of a are zero.
fn column_of_b(column: u32, factors: vec4u) -> vec4f {
  return four_of_b(column + factors * B_ROW);
}

// The four factors of each of four columns, in the order in which they are asked for.
fn block_of_b(columns: vec4u, factors: vec4u) -> mat4x4f {
  if (COLUMNS == 1) {
    return transpose(mat4x4f(column_of_b(columns.x, factors), vec4f(), vec4f(), vec4f()));
  }
  if (B_ROW == 1 && B_COLUMN != 1) {
    return transpose(mat4x4f(
      column_of_b(columns.x, factors),
      column_of_b(columns.y, factors),
      column_of_b(columns.z, factors),
      column_of_b(columns.w, factors)));
  }
  return mat4x4f(
    row_of_b(columns, factors.x),
    row_of_b(columns, factors.y),
    row_of_b(columns, factors.z),
    row_of_b(columns, factors.w));
}

fn plus_row(sums: vec4f, left: vec4f, right: mat4x4f) -> vec4f {
  let low = fma(vec4f(left.y), right[1], fma(vec4f(left.x), right[0], sums));
  return fma(vec4f(left.w), right[3], fma(vec4f(left.z), right[2], low));
}

fn plus_product(sums: mat4x4f, left: mat4x4f, right: mat4x4f) -> mat4x4f {
  return mat4x4f(
    plus_row(sums[0], left[0], right),
    plus_row(sums[1], left[1], right),
    plus_row(sums[2], left[2], right),
    plus_row(sums[3], left[3], right));
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
fn store_block(rows: vec4u, first_column: u32, sums: mat4x4f) {
  if (all(rows >= vec4u(ROWS)) || first_column >= COLUMNS) {
    return;
  }
  let places = OUT_FIRST + inner(rows, ROWS) * OUT_ROW;
  let columns = inner(four_from(first_column), COLUMNS) * OUT_COLUMN;
  store_row(places.x, columns, sums[0]);
  if (ROWS > 1) {
    store_row(places.y, columns, sums[1]);
    store_row(places.z, columns, sums[2]);
    store_row(places.w, columns, sums[3]);
  }
}
