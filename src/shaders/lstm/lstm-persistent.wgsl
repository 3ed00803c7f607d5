// Time loops of an LSTM whose weights are persistent: a workgroup owns TILE_ROWS rows and all units, and its threads keep the
// recurrent weights in registers over all steps of a dispatch. SLICES threads of a unit share the terms of its sums, TERMS
// each. Thread n updates the n-th cell of the tile, and every THREADS-th one behind it. Partial sums meet in workgroup memory,
// in an order that depends on these constants alone: a device gives the same bits twice.
//
// Kernels that include this have UNITS * SLICES threads, and put barriers around what they exchange in workgroup memory.
override TILE_ROWS: u32;
override SLICES: u32;
override CELLS: u32;   // cells of a thread: TILE_ROWS / SLICES, rounded up
override TERMS: u32;   // terms of a thread

// The recurrent weights of a thread. Their indices are constants once loops are unrolled: they are registers.
var<private> own_weights: array<KeptVector, TERMS>;

// Stays 0, which compilers do not know of workgroup memory behind a barrier.
var<workgroup> zero: u32;

// The place of a thread: the unit whose weights and cells it has, and its slice of the terms.
fn unit_of(thread: u32) -> u32 {
  return thread % UNITS;
}

fn slice_of(thread: u32) -> u32 {
  return thread / UNITS;
}

// Row in the tile of the n-th cell of a thread.
fn row_of_cell(thread: u32, n: u32) -> u32 {
  return slice_of(thread) + n * SLICES;
}

// Whether the row of the tile is one of the batch.
fn is_in_batch(first_row: u32, tile_row: u32) -> bool {
  return tile_row < TILE_ROWS && first_row + tile_row < ROWS;
}
