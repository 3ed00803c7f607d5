// Computes time steps of the backward pass of an LSTM with persistent weights: workgroups of a few rows each, whose threads
// keep the transposed recurrent weights in registers from step to step.
//
//   dh = output_gradient[t] + dz[t + 1] · recurrent kernelᵀ, and from dh on as in lstm-backward.wgsl
//
// Shapes   those of lstm-backward.wgsl, without dropout masks
// Threads  those of lstm-persistent.wgsl; workgroups in y have different rows. A dispatch computes all steps of its chunk
// Hazards  two barriers a step: one between writing partial sums and reading them, one between writing the dz of a step and
//          reading it. An element of the gates of a step, or of carry, is read and written by the one owner of its cell, which
//          keeps dc in registers
// Source   back-propagation through time of lstm-forward-persistent.wgsl

@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> transposed: array<WeightVector>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(4) var<storage, read> c: array<f32>;
@group(0) @binding(5) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> carry: array<f32>;

// dz of each row in the step after, in slices, with zeros up to whole ones. An array in an array keeps the offset of a term a
// constant, which needs no check of bounds and no register.
var<workgroup> factors: array<array<array<vec4f, TERMS>, SLICES>, TILE_ROWS>;
// Partial sums of each thread for each row.
var<workgroup> partial_sums: array<array<f32, THREADS>, TILE_ROWS>;

// The index of each array is a constant once loops are unrolled: they are registers.
var<private> sums: array<vec4f, TILE_ROWS>;
var<private> cell_gradients: array<f32, CELLS>;   // dc
// Numbers of the forward pass that the next step reads, loaded a step ahead.
var<private> next_saved: array<SavedStep, CELLS>;

fn store_factor(tile_row: u32, unit: u32, dz: vec4f) {
  factors[tile_row][unit / TERMS][unit % TERMS] = dz;
}

// Weights past the last unit are 0, since one that is not finite would make NaN with a factor of 0.
fn load_weights(thread: u32) {
  for (var n = 0u; n < TERMS; n++) { // unrolled
    let k = slice_of(thread) * TERMS + n;
    let inside = transposed[min(k, UNITS - 1) * UNITS + unit_of(thread)];
    own_weights[n] = kept_weights(select(WeightVector(), inside, k < UNITS));
  }
}

// The gradients that come from step `end`, which an earlier dispatch has computed, if there is such a step.
fn load_gradients(end: u32, thread: u32, first_row: u32) {
  for (var n = 0u; n < CELLS; n++) { // unrolled
    let tile_row = row_of_cell(thread, n);
    if (end < STEPS && is_in_batch(first_row, tile_row)) {
      let row = first_row + tile_row;
      store_factor(tile_row, unit_of(thread), gates[next_dz(end - 1) + row * UNITS + unit_of(thread)]);
      cell_gradients[n] = carry[carry_index(CELL, row, unit_of(thread))];
    }
  }
}

fn load_saved(t: u32, thread: u32, first_row: u32) {
  for (var n = 0u; n < CELLS; n++) { // unrolled
    let tile_row = row_of_cell(thread, n);
    if (is_in_batch(first_row, tile_row)) {
      next_saved[n] = saved_step(t, first_row + tile_row, unit_of(thread));
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
      sums[row] = fma(factors[row][slice][n], weights_of_kept(own_weights[n], zero), sums[row]);
    }
  }
  for (var row = 0u; row < TILE_ROWS; row++) { // unrolled
    partial_sums[row][thread] = dot(sums[row], vec4f(1));
  }
}

fn sum_of(tile_row: u32, unit: u32) -> f32 {
  var sum = 0.0;
  for (var slice = 0u; slice < SLICES; slice++) {
    sum += partial_sums[tile_row][slice * UNITS + unit];
  }
  return sum;
}

fn update_gradients(t: u32, thread: u32, first_row: u32) {
  let unit = unit_of(thread);
  for (var n = 0u; n < CELLS; n++) { // unrolled
    let tile_row = row_of_cell(thread, n);
    if (is_in_batch(first_row, tile_row)) {
      let row = first_row + tile_row;
      let dc = select(0.0, cell_gradients[n], is_continued(t, row));
      let gradient = step_gradient(t, row, unit, sum_of(tile_row, unit), dc, next_saved[n]);
      cell_gradients[n] = gradient.c;
      store_factor(tile_row, unit, gradient.z);
      gates[(input_step(t) * ROWS + row) * UNITS + unit] = gradient.z;
      if (t == chunk.first) {
        carry[carry_index(CELL, row, unit)] = gradient.c;
      }
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first_row = group.y * TILE_ROWS;
  let end = chunk.first + chunk.count;
  load_weights(thread);
  load_gradients(end, thread, first_row);
  load_saved(end - 1, thread, first_row);
  for (var done = 0u; done < chunk.count; done++) {
    let t = end - 1 - done;
    workgroupBarrier();
    multiply(thread);
    workgroupBarrier();
    update_gradients(t, thread, first_row);
    load_saved(max(t, 1) - 1, thread, first_row);
  }
}
