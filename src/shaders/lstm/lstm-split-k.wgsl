// Tiles of a step whose sums are split along k (split-K). A workgroup owns TILE_ROWS rows of TILE_UNITS units, whose sums lie
// in COLUMNS vectors a row. SLICES threads share the terms of a vector, each of which adds up every SLICES-th term for all
// rows. Partial sums meet in workgroup memory, in an order that depends on the tile alone: a device gives the same bits twice.
//
// Kernels that include this define COLUMNS, and call `exchange_partial_sums` once the sums of all threads are complete.
override TILE_UNITS: u32;
override ROW_QUADS: u32;   // rows of a tile, in fours

const TILE_ROWS = 4 * ROW_QUADS;
const SLICES = THREADS / COLUMNS;

// Partial sums of a thread, for each row of the tile. Their indices are constants once loops are unrolled: they are registers.
var<private> sums: array<vec4f, TILE_ROWS>;

// Vectors of workgroup memory: 16 KiB with 256 threads, which is WebGPU's default limit.
const MEMORY = 4 * THREADS;
var<workgroup> memory: array<vec4f, MEMORY>;

// Vectors of four rows. Memory holds the partial sums of so many vectors for every slice, or those of all vectors for every
// group of four slices.
const QUAD_VECTORS = 4 * COLUMNS;
const SLICE_GROUPS = SLICES / 4;

// Adds up the partial sums of groups of four slices, and leaves them in memory at `group_index`.
fn exchange_partial_sums(thread: u32) {
  let first = thread / COLUMNS * QUAD_VECTORS + thread % COLUMNS;
  for (var quad = 0u; quad < ROW_QUADS; quad++) { // unrolled
    workgroupBarrier();
    for (var row = 0u; row < 4; row++) { // unrolled
      memory[first + row * COLUMNS] = sums[4 * quad + row];
    }
    workgroupBarrier();
    // The numbers of these slices are SLICE_GROUPS apart.
    let first_two = memory[thread] + memory[thread + THREADS];
    sums[4 * quad] = first_two + memory[thread + 2 * THREADS] + memory[thread + 3 * THREADS];
  }
  workgroupBarrier();
  for (var quad = 0u; quad < ROW_QUADS; quad++) { // unrolled
    memory[quad * THREADS + thread] = sums[4 * quad];
  }
  workgroupBarrier();
}

// Index in memory of the partial sum of a vector of the tile, which are counted row by row, over a group of slices.
fn group_index(vector: u32, group: u32) -> u32 {
  return vector / QUAD_VECTORS * THREADS + group * QUAD_VECTORS + vector % QUAD_VECTORS;
}
