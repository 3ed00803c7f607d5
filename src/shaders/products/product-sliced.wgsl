// The product of two matrices, each sum shared out among invocations: for a result with too few elements to fill a GPU.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  WIDE x HIGH x SLICES a workgroup; x and y own a block of 4 x 4 elements, of whose products slice z works out
//          every SLICES-th block
// Hazards  the sums of the slices go through workgroup memory; the first slice adds them up in order
// Source   —
override SLICES: u32;
override WIDE: u32;
override HIGH: u32;

var<workgroup> sums_of: array<mat4x4f, WIDE * HIGH * SLICES>;

@compute @workgroup_size(WIDE, HIGH, SLICES)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let first_row = BLOCK * id.y;
  let first_column = BLOCK * id.x;
  let rows = rows_of_a(first_row);
  let columns = columns_of_b(first_column);

  var sums = mat4x4f();
  for (var k = BLOCK * local.z; k < INNER; k += BLOCK * SLICES) {
    sums = plus_product(sums, block_of_a(rows, k), block_of_b(columns, factors_from(k)));
  }
  if (SLICES > 1) {
    sums_of[thread] = sums;
    workgroupBarrier();
  }
  if (local.z == 0) {
    for (var slice = 1u; slice < SLICES; slice++) {
      sums += sums_of[slice * WIDE * HIGH + thread];
    }
    store_block(four_from(first_row), first_column, sums + block_of_bias(columns));
  }
}
