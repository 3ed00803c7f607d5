// Computes a time step of an LSTM by tiles whose sums are split along k, so that a step of few rows fills a GPU.
//
//   z = input_gates[t] + h[t] · recurrent kernel    or with INPUTS    z = [x[t], 1, h[t]] · weights
//   and from z on as in lstm-forward.wgsl
//
// Shapes   those of lstm-forward.wgsl
// Threads  neighbouring threads have neighbouring units, and those of a unit have slices of k. Workgroups in x have different
//          units, workgroups in y different rows. A dispatch is one step
// Hazards  a step reads the whole h of the step before, which an earlier dispatch has written. Barriers lie between writing
//          workgroup memory and reading it
// Source   —
@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<WeightVector>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> h: array<f32>;
@group(0) @binding(5) var<storage, read_write> c: array<f32>;
@group(0) @binding(6) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> output: array<f32>;

// A vector holds the four gates of a unit.
const COLUMNS = TILE_UNITS;

// With INPUTS kernel, bias and recurrent kernel, which lie under each other, are one matrix.
const FIRST_ROW = select(RECURRENT_ROW, 0, INPUTS > 0);
const BEFORE_UNITS = select(0, RECURRENT_ROW, INPUTS > 0);
const PRODUCTS = BEFORE_UNITS + UNITS;

// Terms of a thread that are multiplied in a turn of its loop, and those of all threads. So many loads are in flight, of which
// two have room in registers beside the sums of 16 rows.
const TURN = min(min(4, 8 / ROW_QUADS), (PRODUCTS + SLICES - 1) / SLICES);
const TURN_TERMS = TURN * SLICES;

// Terms whose factors are in workgroup memory at a time: [ROW_QUADS, DEPTH] vectors of the factors of four rows. These are
// whole turns, since both numbers of the minimum are.
const DEPTH = min(MEMORY / ROW_QUADS, (PRODUCTS + TURN_TERMS - 1) / TURN_TERMS * TURN_TERMS);

// Factor k of four rows: of x, the 1 of the bias, or of h. Past the last one it is 0.
fn factors_of(t: u32, rows: vec4u, k: u32) -> vec4f {
  if (k >= PRODUCTS) {
    return vec4f();
  }
  if (INPUTS > 0 && k < INPUTS) {
    let x = (input_step(t) * ROWS + rows) * INPUTS + k;
    return vec4f(input[x.x], input[x.y], input[x.z], input[x.w]);
  }
  if (INPUTS > 0 && k < BEFORE_UNITS) {
    return vec4f(1);
  }
  let at = state_index(t, 0) + rows * UNITS + k - BEFORE_UNITS;
  return vec4f(h[at.x], h[at.y], h[at.z], h[at.w]);
}

// Neighbouring threads load neighbouring k. Rows past the edge are clamped to the last one, and their sums are not used.
fn stage_factors(t: u32, first_row: u32, first_k: u32, thread: u32) {
  for (var n = thread; n < ROW_QUADS * DEPTH; n += THREADS) {
    let rows = min(first_row + n / DEPTH * 4 + vec4u(0, 1, 2, 3), vec4u(ROWS - 1));
    memory[n] = factors_of(t, rows, first_k + n % DEPTH);
  }
}

// The weights of term k, or 0 past the last one, where a weight that is not finite would make NaN with a factor of 0.
fn weights_of(k: u32, unit: u32) -> vec4f {
  if (PRODUCTS % TURN_TERMS == 0) {
    return vec4f(weights[(FIRST_ROW + k) * UNITS + unit]);
  }
  let inside = vec4f(weights[(FIRST_ROW + min(k, PRODUCTS - 1)) * UNITS + unit]);
  return select(vec4f(), inside, k < PRODUCTS);
}

// Weights of the coming turn, which are loaded while those of the turn before are multiplied.
var<private> next_weights: array<vec4f, 4>;

fn load_weights(first_k: u32, unit: u32) {
  for (var n = 0u; n < 4; n++) { // unrolled
    if (n < TURN) {
      next_weights[n] = weights_of(first_k + n * SLICES, unit);
    }
  }
}

fn add_products(first_k: u32, slice: u32, unit: u32) {
  let end = min(DEPTH, PRODUCTS - first_k);
  for (var k = 0u; k < end; k += TURN_TERMS) {
    let loaded = next_weights;
    if (first_k + k + TURN_TERMS < PRODUCTS) {
      load_weights(first_k + k + TURN_TERMS + slice, unit);
    }
    for (var n = 0u; n < 4; n++) { // unrolled
      if (n < TURN) {
        for (var quad = 0u; quad < ROW_QUADS; quad++) { // unrolled
          let factors = memory[quad * DEPTH + k + n * SLICES + slice];
          sums[4 * quad] = fma(vec4f(factors.x), loaded[n], sums[4 * quad]);
          sums[4 * quad + 1] = fma(vec4f(factors.y), loaded[n], sums[4 * quad + 1]);
          sums[4 * quad + 2] = fma(vec4f(factors.z), loaded[n], sums[4 * quad + 2]);
          sums[4 * quad + 3] = fma(vec4f(factors.w), loaded[n], sums[4 * quad + 3]);
        }
      }
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) thread: u32) {
  let t = chunk.first;
  let first_row = tile.y * TILE_ROWS;
  let first_unit = tile.x * TILE_UNITS;
  let loaded_unit = min(first_unit + thread % TILE_UNITS, UNITS - 1);
  let slice = thread / TILE_UNITS;
  load_weights(slice, loaded_unit);
  for (var k = 0u; k < PRODUCTS; k += DEPTH) {
    workgroupBarrier();
    stage_factors(t, first_row, k, thread);
    workgroupBarrier();
    add_products(k, slice, loaded_unit);
  }

  exchange_partial_sums(thread);
  let row = first_row + thread / TILE_UNITS;
  let unit = first_unit + thread % TILE_UNITS;
  if (thread < TILE_ROWS * TILE_UNITS && row < ROWS && unit < UNITS) {
    var sum = vec4f();
    for (var group = 0u; group < SLICE_GROUPS; group++) {
      sum += memory[group_index(thread, group)];
    }
    update_cell(t, row, unit, sum);
  }
}
