// The gradient of all weights of a layer, whose kernel, bias and recurrent kernel lie under each other in one matrix,
// over all rows of a batch and all its time steps at once. A dispatch works out COUNT columns: FIRST, FIRST + STRIDE, …
//
//   gradient = [input, 1]ᵀ · d   and under it   [1 (with two BIASES), hidden]ᵀ · d_hidden
//
// Shapes   input [N, INPUTS]   hidden [N, UNITS] (UNITS may be 0)   d, d_hidden [N, COLUMNS], the gradients of the input
//          product and of the recurrent one; d_hidden is read with two BIASES only, otherwise both are d   gradient [INPUTS + BIASES + UNITS, COLUMNS]
// Threads  8 x 8 a workgroup; one invocation owns a tile of 4 x 4 elements, so every sum has one owner and a fixed order
// Hazards  none: the gradient is overwritten, never read; loads past the edge repeat the last row or column
// Source   —
override SAMPLES: u32;   // N: rows of the batch times steps
override INPUTS: u32;
override UNITS: u32;
override COLUMNS: u32;
override BIASES: u32;         // rows of biases; with two of them the second belongs to the recurrent product
override BIAS_FACTOR: u32;    // 0: the layer has no bias, its row gets no gradient
override REVERSED: u32;       // 1: the steps of hidden lie in reverse
override STEP_ROWS: u32;      // rows of a step
override FIRST: u32;
override COUNT: u32;
override STRIDE: u32;

const TILE = 4u;

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read> hidden: array<f32>;
@group(0) @binding(2) var<storage, read> d: array<f32>;
@group(0) @binding(3) var<storage, read> d_hidden: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;

fn hidden_row(n: u32) -> u32 {
  if (REVERSED == 1) {
    return SAMPLES - (n / STEP_ROWS + 1) * STEP_ROWS + n % STEP_ROWS;
  }
  return n;
}

fn factor(n: u32, row: u32) -> f32 {
  if (row < INPUTS) {
    return input[n * INPUTS + row];
  }
  if (row < INPUTS + BIASES) {
    return f32(BIAS_FACTOR);
  }
  return hidden[hidden_row(n) * UNITS + row - INPUTS - BIASES];
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let rows = INPUTS + BIASES + UNITS;
  let first_row = id.y * TILE;
  let first_place = id.x * TILE;
  if (first_row >= rows || first_place >= COUNT) {
    return;
  }
  let offsets = vec4u(0, 1, 2, 3);
  let row = min(vec4u(first_row) + offsets, vec4u(rows - 1));
  let column = FIRST + STRIDE * min(vec4u(first_place) + offsets, vec4u(COUNT - 1));

  var sums = array<vec4f, TILE>();
  for (var n = 0u; n < SAMPLES; n++) {
    let at = column + n * COLUMNS;
    let of_input = vec4f(d[at.x], d[at.y], d[at.z], d[at.w]);
    var right = array<vec4f, TILE>(of_input, of_input, of_input, of_input);
    if (BIASES == 2) {
      let of_hidden = vec4f(d_hidden[at.x], d_hidden[at.y], d_hidden[at.z], d_hidden[at.w]);
      for (var i = 0u; i < TILE; i++) {
        right[i] = select(of_input, of_hidden, row[i] > INPUTS);
      }
    }
    sums[0] += factor(n, row.x) * right[0];
    sums[1] += factor(n, row.y) * right[1];
    sums[2] += factor(n, row.z) * right[2];
    sums[3] += factor(n, row.w) * right[3];
  }
  for (var i = 0u; i < min(TILE, rows - first_row); i++) {
    for (var j = 0u; j < min(TILE, COUNT - first_place); j++) {
      gradient[(first_row + i) * COLUMNS + column[j]] = sums[i][j];
    }
  }
}
