// How the kernels of an LSTM share rows and units out: an invocation owns TILE_ROWS rows and TILE_UNITS units of a step, and
// keeps a vector of the gates i, f, c, o for each of these cells in registers.
override TILE_ROWS: u32;   // 4, or 1 for a few rows

const GATES = 4u;
const TILE_UNITS = 4u;

// Past the edge the last row, or the last unit, stands in: its sums are not stored twice.
fn tile_rows(first: u32) -> vec4u {
  return min(first + vec4u(0, 1, 2, 3), vec4u(ROWS - 1));
}

fn tile_units(first: u32) -> vec4u {
  return min(first + vec4u(0, 1, 2, 3), vec4u(UNITS - 1));
}

// Each column, one for each row of the tile, times the same vector of gates, element by element.
fn each_times(columns: mat4x4f, gates_of_unit: vec4f) -> mat4x4f {
  return mat4x4f(
    columns[0] * gates_of_unit,
    columns[1] * gates_of_unit,
    columns[2] * gates_of_unit,
    columns[3] * gates_of_unit);
}

// The cells of a tile row by row, from one matrix for each unit with a column for each row.
fn by_rows(a: mat4x4f, b: mat4x4f, c: mat4x4f, d: mat4x4f) -> array<vec4f, 16> {
  return array<vec4f, 16>(
    a[0], b[0], c[0], d[0],
    a[1], b[1], c[1], d[1],
    a[2], b[2], c[2], d[2],
    a[3], b[3], c[3], d[3]);
}
