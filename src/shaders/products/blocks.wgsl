// Loads, multiply-adds and stores of 4 x 4 blocks, shared by the kernels of matrix products out = a · b. A matrix is given by
// an offset and two strides, so that a transpose or a selection of columns is only another choice of strides.
//
// A block is a mat4x4f whose four vectors are the rows of the block, although WGSL calls them columns. A block is loaded row by
// row or column by column, whichever are contiguous in memory.
//
// Loads do not branch: indices past the edge are clamped to the last row or column, and past the last k the elements of a
// are taken as zeros. Kernels that include this include load-scalars.wgsl or load-vectors.wgsl in front of it.
override ROWS: u32;
override INNER: u32;       // terms of each sum, along k
override COLUMNS: u32;
override A_FIRST: u32;     // offset
override A_ROW: u32;       // row stride
override A_COLUMN: u32;    // column stride
override B_FIRST: u32;
override B_ROW: u32;
override B_COLUMN: u32;
override OUT_FIRST: u32;
override OUT_ROW: u32;
override OUT_COLUMN: u32;
override ADD_BIAS: u32;    // 1: b has one more row, which is added to every row of the product

@group(0) @binding(2) var<storage, read_write> out: array<f32>;

const BLOCK = 4u;   // rows and columns of a block

fn four_indices_from(first: u32) -> vec4u {
  return first + vec4u(0, 1, 2, 3);
}

// Clamps indices past the edge to the last of `count`.
fn clamped(indices: vec4u, count: u32) -> vec4u {
  return min(indices, vec4u(count - 1));
}

// Offsets of four rows of a, and of four columns of b.
fn rows_of_a(first: u32) -> vec4u {
  return A_FIRST + clamped(four_indices_from(first), ROWS) * A_ROW;
}

fn columns_of_b(first: u32) -> vec4u {
  return B_FIRST + clamped(four_indices_from(first), COLUMNS) * B_COLUMN;
}

fn clamped_k_indices(k: vec4u) -> vec4u {
  if (INNER % BLOCK == 0) {
    return k;
  }
  return clamped(k, INNER);
}

fn k_indices_from(k: u32) -> vec4u {
  return clamped_k_indices(four_indices_from(k));
}

// Loads four elements of a row of a, from column k on.
fn row_of_a(row: u32, k: u32) -> vec4f {
  let four = four_of_a(row + k_indices_from(k) * A_COLUMN);
  if (INNER % BLOCK == 0) {
    return four;
  }
  return select(vec4f(), four, four_indices_from(k) < vec4u(INNER));
}

// Loads the elements at column k of four rows of a.
fn column_of_a(rows: vec4u, k: u32) -> vec4f {
  let four = four_of_a(rows + min(k, INNER - 1) * A_COLUMN);
  return select(vec4f(), four, k < INNER);
}

// Whether the columns of a are contiguous in memory, and not its rows.
fn is_a_column_major() -> bool {
  return A_ROW == 1 && A_COLUMN != 1;
}

fn block_of_a(rows: vec4u, k: u32) -> mat4x4f {
  if (ROWS == 1) {
    return mat4x4f(row_of_a(rows.x, k), vec4f(), vec4f(), vec4f());
  }
  if (is_a_column_major()) {
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

// Loads four elements of a column of b. Past the last k they may be anything, since the elements of a are zero there.
fn column_of_b(column: u32, k_indices: vec4u) -> vec4f {
  return four_of_b(column + k_indices * B_ROW);
}

// Loads a block of b: the elements at four k of each of four columns, in the order of `k_indices`.
fn block_of_b(columns: vec4u, k_indices: vec4u) -> mat4x4f {
  if (COLUMNS == 1) {
    return transpose(mat4x4f(column_of_b(columns.x, k_indices), vec4f(), vec4f(), vec4f()));
  }
  if (B_ROW == 1 && B_COLUMN != 1) {
    return transpose(mat4x4f(
      column_of_b(columns.x, k_indices),
      column_of_b(columns.y, k_indices),
      column_of_b(columns.z, k_indices),
      column_of_b(columns.w, k_indices)));
  }
  return mat4x4f(
    row_of_b(columns, k_indices.x),
    row_of_b(columns, k_indices.y),
    row_of_b(columns, k_indices.z),
    row_of_b(columns, k_indices.w));
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

// Initial value of the sums of a block.
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

// A block across the edge stores its last row or column repeatedly: the same sums at the same index.
fn store_block(rows: vec4u, first_column: u32, sums: mat4x4f) {
  if (all(rows >= vec4u(ROWS)) || first_column >= COLUMNS) {
    return;
  }
  let row_offsets = OUT_FIRST + clamped(rows, ROWS) * OUT_ROW;
  let columns = clamped(four_indices_from(first_column), COLUMNS) * OUT_COLUMN;
  store_row(row_offsets.x, columns, sums[0]);
  if (ROWS > 1) {
    store_row(row_offsets.y, columns, sums[1]);
    store_row(row_offsets.z, columns, sums[2]);
    store_row(row_offsets.w, columns, sums[3]);
  }
}
