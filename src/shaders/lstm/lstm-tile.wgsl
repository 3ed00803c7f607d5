// How the kernels of an LSTM share the cells of a step out: an invocation owns TILE_ROWS rows and TILE_UNITS units, a workgroup
// TILE_ROWS rows and TILE_UNITS * THREADS units. Kernels that include this have a constant TILE_UNITS.
override TILE_ROWS: u32;   // 32, 16, 8, or 1 for a few rows

const GATES = 4u;

// A vector for each of eight rows.
struct Octet {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
}

fn octet_of(value: vec4f) -> Octet {
  return Octet(value, value, value, value, value, value, value, value);
}

// Where eight rows begin: the first four, the last four, and the two that an invocation loads for its quad.
struct OctetOffsets {
  low: vec4u,
  high: vec4u,
  own: vec2u,
}

// Where the rows of a tile begin, in eights from rows 0, 8, 16 and 24 on, as many as it has.
struct TileOffsets {
  rows0: OctetOffsets,
  rows8: OctetOffsets,
  rows16: OctetOffsets,
  rows24: OctetOffsets,
}

// Of rows of so many columns, row 0 at a offset. Past the edge the last row stands in: its sums are not stored.
fn octet_offsets(first: u32, lane: u32, start: u32, columns: u32) -> OctetOffsets {
  let last = vec4u(ROWS - 1);
  return OctetOffsets(
    start + columns * min(first + vec4u(0, 1, 2, 3), last),
    start + columns * min(first + vec4u(4, 5, 6, 7), last),
    start + columns * min(first + lane + vec2u(0, 4), last.xy));
}

fn tile_offsets(first: u32, lane: u32, start: u32, columns: u32) -> TileOffsets {
  return TileOffsets(
    octet_offsets(first, lane, start, columns),
    octet_offsets(first + 8, lane, start, columns),
    octet_offsets(first + 16, lane, start, columns),
    octet_offsets(first + 24, lane, start, columns));
}

// Which row of a tile sum number n is of: fours of rows come in the order in which quads hand them over.
fn tile_row(n: u32, lane: u32) -> u32 {
  return n ^ lane;
}

// Unit number n of an invocation. They are a workgroup apart, so that neighbours read what lies side by side.
fn tile_unit(first: u32, n: u32) -> u32 {
  return first + n * THREADS;
}

// The same, with the last unit in offset of what lies past the edge.
fn inner_unit(first: u32, n: u32) -> u32 {
  return min(tile_unit(first, n), UNITS - 1);
}

// Whether a cell of a tile lies past the edge; where tiles fit, the compiler knows that none does.
fn is_outside(row: u32, unit: u32) -> bool {
  return (ROWS % TILE_ROWS != 0 && row >= ROWS) || (UNITS % (TILE_UNITS * THREADS) != 0 && unit >= UNITS);
}
