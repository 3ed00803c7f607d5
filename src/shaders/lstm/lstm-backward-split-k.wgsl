// Computes a time step of the backward pass of an LSTM by tiles whose sums are split along k, so that a step of few rows fills
// a GPU.
//
//   dh = output_gradient[t] + dz[t + 1] · recurrent kernelᵀ, and from dh on as in lstm-backward.wgsl
//
// Shapes   those of lstm-backward.wgsl, without dropout masks
// Threads  a thread owns a slice of k for 4 units, which are COLUMNS apart, and all rows of the tile: neighbouring threads load
//          neighbouring weights. Workgroups in x have different units, workgroups in y different rows. A dispatch is one step
// Hazards  a step reads the whole dz of the step after it, which an earlier dispatch has written. An element of the gates of a
//          step, or of carry, is read and written by one invocation. Barriers lie between writing workgroup memory and
//          reading it
// Source   —
@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> transposed: array<WeightVector>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(4) var<storage, read> c: array<f32>;
@group(0) @binding(5) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> carry: array<f32>;

// A vector holds four units.
const COLUMNS = TILE_UNITS / 4;

fn weights_of(k: u32, unit: u32) -> vec4f {
  return vec4f(transposed[k * UNITS + min(unit, UNITS - 1)]);
}

// Adds the products of dz of a unit in all rows. Rows past the edge are clamped to the last one, and their sums are not used.
fn add_products(k: u32, start: u32, first_row: u32, first_unit: u32) {
  let of_gates = transpose(mat4x4f(
    weights_of(k, first_unit),
    weights_of(k, first_unit + COLUMNS),
    weights_of(k, first_unit + 2 * COLUMNS),
    weights_of(k, first_unit + 3 * COLUMNS)));
  for (var quad = 0u; quad < ROW_QUADS; quad++) { // unrolled
    for (var row = 0u; row < 4; row++) { // unrolled
      let d = gates[start + min(first_row + 4 * quad + row, ROWS - 1) * UNITS + k];
      let with_c_and_o = fma(vec4f(d.z), of_gates[2], fma(vec4f(d.w), of_gates[3], sums[4 * quad + row]));
      sums[4 * quad + row] = fma(vec4f(d.x), of_gates[0], fma(vec4f(d.y), of_gates[1], with_c_and_o));
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) thread: u32) {
  let t = chunk.first;
  let first_row = tile.y * TILE_ROWS;
  let first_unit = tile.x * TILE_UNITS;
  if (t + 1 < STEPS) {
    for (var first = 0u; first < UNITS; first += SLICES) {
      let k = first + thread / COLUMNS;
      if (UNITS % SLICES == 0 || k < UNITS) {
        add_products(k, next_dz(t), first_row, first_unit + thread % COLUMNS);
      }
    }
  }

  exchange_partial_sums(thread);
  let tile_row = thread / TILE_UNITS;
  let tile_unit = thread % TILE_UNITS;
  if (thread < TILE_ROWS * TILE_UNITS && first_row + tile_row < ROWS && first_unit + tile_unit < UNITS) {
    var sum = 0.0;
    for (var group = 0u; group < SLICE_GROUPS; group++) {
      sum += memory[group_index(tile_row * COLUMNS + tile_unit % COLUMNS, group)][tile_unit / COLUMNS];
    }
    update_gradient(t, first_row + tile_row, first_unit + tile_unit, sum);
  }
}
