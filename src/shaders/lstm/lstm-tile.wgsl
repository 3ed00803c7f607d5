// Division of a step into register tiles, shared by the kernels of an LSTM. A cell is a unit in a row of the batch.
// An invocation owns the cells of TILE_ROWS rows and TILE_UNITS units, a workgroup those of TILE_ROWS rows and
// TILE_UNITS * THREADS units. Kernels that include this define TILE_UNITS.
override TILE_ROWS: u32;   // 32, 16 or 8; or 1 for a batch of few rows

// Cells of a tile whose update is unrolled: all of them on a GPU, where a private array with a dynamic index spills to memory
// (32 to 64 KiB for each 64 threads, as Mesa's compiler for RDNA 2 reports); none on a software adapter, where private arrays
// are in memory anyway and long code takes long to compile.
override UNROLLED_CELLS: u32;

// Loops over units advance by four up to here. Their counters are declared in the loops and have constant bounds: a compiler
// that cannot tell whether a loop ends has it count its iterations. Kernels of an LSTM are specialized, so this is constant.
const WHOLE_FOURS = UNITS / 4 * 4;

// One vector for each of eight rows.
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

// Offsets of eight rows: `low` of the first four, `high` of the last four, and `own` of the two that this invocation loads for
// its quad.
struct OctetOffsets {
  low: vec4u,
  high: vec4u,
  own: vec2u,
}

// Offsets of the rows of a tile, in groups of eight from rows 0, 8, 16 and 24 on. Groups from TILE_ROWS on are not used.
struct TileOffsets {
  rows0: OctetOffsets,
  rows8: OctetOffsets,
  rows16: OctetOffsets,
  rows24: OctetOffsets,
}

// Offsets of eight rows of a matrix whose row 0 begins at `start`. Rows past the edge are clamped to the last row, and their
// sums are not stored.
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

// Index in the tile of the row that sum n belongs to. Groups of four rows are in the order in which quads exchange them.
fn tile_row(n: u32, lane: u32) -> u32 {
  return n ^ lane;
}

// Unit n of an invocation. The units of an invocation are THREADS apart, so that loads of neighbouring threads are coalesced.
fn tile_unit(first: u32, n: u32) -> u32 {
  return first + n * THREADS;
}

// Unit n of an invocation, clamped to the last unit of the layer.
fn clamped_unit(first: u32, n: u32) -> u32 {
  return min(tile_unit(first, n), UNITS - 1);
}

// Whether a cell of a tile is past the edge. Where tiles divide the sizes, this is false at compile time.
fn is_outside(row: u32, unit: u32) -> bool {
  return (ROWS % TILE_ROWS != 0 && row >= ROWS) || (UNITS % (TILE_UNITS * THREADS) != 0 && unit >= UNITS);
}
