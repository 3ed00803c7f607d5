// Multiplies two matrices with split-K: several invocations share each sum, so that a product with few elements still fills
// a GPU.
//
//   out = a · b   + the row of b below with ADD_BIAS
//
// Shapes   a [ROWS, INNER]   b [INNER (+ 1), COLUMNS]   out [ROWS, COLUMNS]      laid out by the strides of blocks.wgsl
// Threads  WIDE x HIGH x SPLITS per workgroup. x and y pick a block of 4 x 4 elements; split z takes every SPLITS-th block
//          along k
// Hazards  partial sums are exchanged through workgroup memory behind a barrier, and split 0 adds them up in a fixed order
// Source   —
override SPLITS: u32;   // threads that share the sums of a block
override WIDE: u32;     // blocks of a workgroup along the columns
override HIGH: u32;     // blocks of a workgroup along the rows

var<workgroup> partial_sums: array<mat4x4f, WIDE * HIGH * SPLITS>;

@compute @workgroup_size(WIDE, HIGH, SPLITS)
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
  for (var k = BLOCK * local.z; k < INNER; k += BLOCK * SPLITS) {
    sums = plus_product(sums, block_of_a(rows, k), block_of_b(columns, k_indices_from(k)));
  }
  if (SPLITS > 1) {
    partial_sums[thread] = sums;
    workgroupBarrier();
  }
  if (local.z == 0) {
    for (var split = 1u; split < SPLITS; split++) {
      sums += partial_sums[split * WIDE * HIGH + thread];
    }
    store_block(four_indices_from(first_row), first_column, sums + block_of_bias(columns));
  }
}
