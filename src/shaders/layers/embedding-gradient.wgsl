// Computes the gradient of an embedding table: each row sums the gradients of all outputs that were looked up in it.
//
//   gradient[row] = sum of output_gradient[p] over all positions p with indices[p] = row
//
// Shapes   indices [POSITIONS]   output_gradient [POSITIONS, COLUMNS]   gradient [TABLE_ROWS, COLUMNS]
// Threads  one invocation owns SPAN columns of a row of the table and goes through all indices in order
// Hazards  none: the gradient is overwritten by its owner, and nothing is added up by two invocations
// Source   derivative of embedding.wgsl
override TABLE_ROWS: u32;
override POSITIONS: u32;   // T * B
override COLUMNS: u32;
override SPAN: u32;        // columns of an invocation

@group(0) @binding(0) var<storage, read> indices: array<f32>;
@group(0) @binding(1) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let spans = (COLUMNS + SPAN - 1u) / SPAN;
  let index = element_index(id, groups);
  if (index >= TABLE_ROWS * spans) {
    return;
  }
  let row = index / spans;
  let first = (index % spans) * SPAN;
  let end = min(first + SPAN, COLUMNS);
  let own_index = f32(row);
  for (var column = first; column < end; column++) {
    gradient[row * COLUMNS + column] = 0.0;
  }
  for (var position = 0u; position < POSITIONS; position++) {
    if (indices[position] == own_index) {
      for (var column = first; column < end; column++) {
        gradient[row * COLUMNS + column] += output_gradient[position * COLUMNS + column];
      }
    }
  }
}
