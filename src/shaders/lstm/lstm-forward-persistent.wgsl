// Computes time steps of an LSTM with persistent weights: workgroups of a few rows each, whose threads keep the recurrent
// weights in registers from step to step.
//
//   z = input_gates[t] + h[t] · recurrent kernel    or with INPUTS    z = [x[t], 1, h[t]] · weights
//   and from z on as in lstm-forward.wgsl
//
// Shapes   those of lstm-forward.wgsl, without dropout masks
// Threads  those of lstm-persistent.wgsl; workgroups in y have different rows. A dispatch computes all steps of its chunk
// Hazards  two barriers a step: one between writing partial sums and reading them, one between writing the factors of the next
//          step and reading them. A cell has one owner, which keeps its state in registers
// Source   Diamos et al. 2016, "Persistent RNNs: Stashing Recurrent Weights On-Chip"
override OWN_FEATURES: u32;  // features of x that a thread loads: TILE_ROWS * INPUTS / THREADS, rounded up

@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<WeightVector>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> h: array<f32>;
@group(0) @binding(5) var<storage, read_write> c: array<f32>;
@group(0) @binding(6) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> output: array<f32>;

// With INPUTS kernel, bias and recurrent kernel, which lie under each other, are one matrix.
const FIRST_ROW = select(RECURRENT_ROW, 0, INPUTS > 0);
const BEFORE_UNITS = select(0, RECURRENT_ROW, INPUTS > 0);
const PRODUCTS = BEFORE_UNITS + UNITS;

// Slices begin at vectors, so that a load may take four factors.
const STRIDE = (TERMS + 3) / 4 * 4;

// The factors of each row in slices: x, the 1 of the bias, h, and zeros up to whole slices. An array in an array keeps the
// offset of a term a constant, which needs no check of bounds and no register.
var<workgroup> factors: array<array<array<f32, STRIDE>, SLICES>, TILE_ROWS>;
// Partial sums of each thread for each row.
var<workgroup> partial_sums: array<array<vec4f, THREADS>, TILE_ROWS>;

// The index of each array is a constant once loops are unrolled: they are registers.
var<private> sums: array<vec4f, TILE_ROWS>;
var<private> states: array<CellState, CELLS>;
// Input gates and features of x that the next step reads, loaded a step ahead.
var<private> next_input: array<vec4f, CELLS>;
var<private> next_features: array<f32, max(OWN_FEATURES, 1)>;

fn store_factor(tile_row: u32, k: u32, value: f32) {
  factors[tile_row][k / TERMS][k % TERMS] = value;
}

// Weights past the last row are 0, since one that is not finite would make NaN with a factor of 0.
fn load_weights(thread: u32) {
  for (var n = 0u; n < TERMS; n++) { // unrolled
    let k = slice_of(thread) * TERMS + n;
    let inside = weights[(FIRST_ROW + min(k, PRODUCTS - 1)) * UNITS + unit_of(thread)];
    own_weights[n] = kept_weights(select(WeightVector(), inside, k < PRODUCTS));
  }
}

fn load_states(thread: u32, first_row: u32) {
  for (var n = 0u; n < CELLS; n++) { // unrolled
    let tile_row = row_of_cell(thread, n);
    if (is_in_batch(first_row, tile_row)) {
      let cell = state_index(chunk.first, first_row + tile_row) + unit_of(thread);
      states[n] = CellState(h[cell], c[cell]);
      store_factor(tile_row, BEFORE_UNITS + unit_of(thread), states[n].h);
    }
  }
}

fn load_input(t: u32, thread: u32, first_row: u32) {
  for (var n = 0u; n < CELLS; n++) { // unrolled
    let row = first_row + row_of_cell(thread, n);
    if (is_in_batch(first_row, row_of_cell(thread, n))) {
      next_input[n] = input_gates(gates_of_step(t, row, unit_of(thread)));
    }
  }
}

fn load_features(t: u32, thread: u32, first_row: u32) {
  for (var n = 0u; n < OWN_FEATURES; n++) { // unrolled
    let own = min(thread + n * THREADS, TILE_ROWS * INPUTS - 1);
    let row = min(first_row + own / INPUTS, ROWS - 1);
    next_features[n] = input[(input_step(t) * ROWS + row) * INPUTS + own % INPUTS];
  }
}

fn store_features(thread: u32) {
  for (var n = 0u; n < OWN_FEATURES; n++) { // unrolled
    let own = thread + n * THREADS;
    if (own < TILE_ROWS * INPUTS) {
      store_factor(own / INPUTS, own % INPUTS, next_features[n]);
    }
  }
}

fn multiply(thread: u32) {
  let slice = slice_of(thread);
  for (var row = 0u; row < TILE_ROWS; row++) { // unrolled
    sums[row] = vec4f();
  }
  for (var n = 0u; n < TERMS; n++) { // unrolled
    for (var row = 0u; row < TILE_ROWS; row++) { // unrolled
      sums[row] = fma(vec4f(factors[row][slice][n]), weights_of_kept(own_weights[n], zero), sums[row]);
    }
  }
  for (var row = 0u; row < TILE_ROWS; row++) { // unrolled
    partial_sums[row][thread] = sums[row];
  }
}

fn sum_of(tile_row: u32, unit: u32) -> vec4f {
  var sum = vec4f();
  for (var slice = 0u; slice < SLICES; slice++) {
    sum += partial_sums[tile_row][slice * UNITS + unit];
  }
  return sum;
}

fn update_cells(t: u32, thread: u32, first_row: u32) {
  // States that no backward pass reads are stored behind the last step alone.
  let stores = SAVE_FOR_BACKWARD == 1 || t + 1 == chunk.first + chunk.count;
  let unit = unit_of(thread);
  for (var n = 0u; n < CELLS; n++) { // unrolled
    let tile_row = row_of_cell(thread, n);
    if (is_in_batch(first_row, tile_row)) {
      let row = first_row + tile_row;
      states[n] = step_cell(t, row, unit, next_input[n], sum_of(tile_row, unit), states[n]);
      store_factor(tile_row, BEFORE_UNITS + unit, states[n].h);
      if (stores) {
        store_state(t + 1, row, unit, states[n]);
      }
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first_row = group.y * TILE_ROWS;
  load_weights(thread);
  load_states(thread, first_row);
  load_input(chunk.first, thread, first_row);
  load_features(chunk.first, thread, first_row);
  store_features(thread);
  if (INPUTS > 0 && thread < TILE_ROWS) {
    store_factor(thread, INPUTS, 1.0);
  }
  for (var t = chunk.first; t < chunk.first + chunk.count; t++) {
    let next = min(t + 1, STEPS - 1);
    workgroupBarrier();
    load_features(next, thread, first_row);
    multiply(thread);
    workgroupBarrier();
    update_cells(t, thread, first_row);
    store_features(thread);
    load_input(next, thread, first_row);
  }
}
