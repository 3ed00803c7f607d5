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
