// How the kernels of an LSTM share the cells of a step out: an invocation owns TILE_ROWS rows and TILE_UNITS units, a workgroup
// TILE_ROWS rows and TILE_UNITS * THREADS units. Kernels that include this have a constant TILE_UNITS.
override TILE_ROWS: u32;   // 8, or 1 for a few rows

const GATES = 4u;

// A vector for each row of a tile of eight.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
}

fn rows_of(value: vec4f) -> Rows {
  return Rows(value, value, value, value, value, value, value, value);
}

// The rows of a tile, the first four and the last four. Past the edge the last row stands in: its sums are not stored.
fn low_rows(first: u32) -> vec4u {
  return min(first + vec4u(0, 1, 2, 3), vec4u(ROWS - 1));
}

fn high_rows(first: u32) -> vec4u {
  return min(first + vec4u(4, 5, 6, 7), vec4u(ROWS - 1));
}

// Unit number n of an invocation. They are a workgroup apart, so that neighbours read what lies side by side.
fn tile_unit(first: u32, n: u32) -> u32 {
  return first + n * THREADS;
}

// The same, with the last unit in place of what lies past the edge.
fn inner_unit(first: u32, n: u32) -> u32 {
  return min(tile_unit(first, n), UNITS - 1);
}

// Whether a cell of a tile lies past the edge; where tiles fit, the compiler knows that none does.
fn is_outside(row: u32, unit: u32) -> bool {
  return (ROWS % TILE_ROWS != 0 && row >= ROWS) || (UNITS % (TILE_UNITS * THREADS) != 0 && unit >= UNITS);
}
