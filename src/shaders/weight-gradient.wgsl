// The gradient of all weights of a layer, whose kernel, bias and recurrent kernel lie under each other in one matrix,
// over all rows of a batch and all its time steps at once.
//
//   gradient = [input, 1, hidden]ᵀ · d      with d the gradient of  input · kernel + bias + hidden · recurrent kernel
//
// Shapes   input [N, INPUTS]   hidden [N, UNITS] (UNITS may be 0)   d [N, COLUMNS]   gradient [INPUTS + 1 + UNITS, COLUMNS]
// Threads  8 x 8 a workgroup; one invocation owns a tile of 4 x 4 elements, so every sum has one owner and a fixed order
// Hazards  none: the gradient is overwritten, never read; loads past the edge repeat the last row or column
// Source   —
override SAMPLES: u32;   // N: rows of the batch times steps
override INPUTS: u32;
override UNITS: u32;
override COLUMNS: u32;

const TILE = 4u;

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read> hidden: array<f32>;
@group(0) @binding(2) var<storage, read> d: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

fn factor(n: u32, row: u32) -> f32 {
  if (row < INPUTS) {
    return input[n * INPUTS + row];
  }
  if (row == INPUTS) {
    return 1.0;
  }
  return hidden[n * UNITS + row - INPUTS - 1];
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let rows = INPUTS + 1 + UNITS;
  let first_row = id.y * TILE;
  let first_column = id.x * TILE;
  if (first_row >= rows || first_column >= COLUMNS) {
    return;
  }
  let offsets = vec4u(0, 1, 2, 3);
  let row = min(vec4u(first_row) + offsets, vec4u(rows - 1));
  let column = min(vec4u(first_column) + offsets, vec4u(COLUMNS - 1));

  var sums = array<vec4f, TILE>();
  for (var n = 0u; n < SAMPLES; n++) {
    let at = column + n * COLUMNS;
    let right = vec4f(d[at.x], d[at.y], d[at.z], d[at.w]);
    sums[0] += factor(n, row.x) * right;
    sums[1] += factor(n, row.y) * right;
    sums[2] += factor(n, row.z) * right;
    sums[3] += factor(n, row.w) * right;
  }
  for (var i = 0u; i < min(TILE, rows - first_row); i++) {
    for (var j = 0u; j < min(TILE, COLUMNS - first_column); j++) {
      gradient[(first_row + i) * COLUMNS + first_column + j] = sums[i][j];
    }
  }
}
