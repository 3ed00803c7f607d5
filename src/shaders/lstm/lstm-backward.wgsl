// Computes time steps of the backward pass of an LSTM: from the gradient of its outputs to that of its pre-activations z.
//
//   dh = output_gradient[t] + dz[t + 1] · recurrent kernelᵀ       with RECURRENT_DROPOUT gate by gate, times its dropout mask
//   dc = dc * f[t + 1] + dh * o * act'(c)                       (f[t + 1] is multiplied in at the end of step t + 1)
//   dz_i = dc * g * rec'(i)   dz_f = dc * c[t - 1] * rec'(f)   dz_c = dc * i * act'(g)   dz_o = dh * act(c) * rec'(o)
//       act: activation   rec: recurrent activation
//
// Shapes   elements of transposed and gates are vectors of the gates i, f, c, o of a unit
//          transposed [H, H], the transpose of the recurrent kernel
//          gates [T, B, H]: the activated gates as saved by the forward pass, overwritten by dz
//          c [T + 1, B, H] as saved by the forward pass
//          mask [T, B]   carry [3, B, H], or [4 + 3, B, H]   output_gradient [T, B, H], or [B, H] without RETURN_SEQUENCES
//          BACKWARDS: gates and mask are in the order of the input, all else in the order of processing
// Threads  one invocation per tile of TILE_ROWS rows and 4 units; workgroups in y have different rows, workgroups in x share
//          the units. A dispatch of several steps needs a single workgroup in x. All threads of a workgroup have the same
//          rows, so that a quad can share their loads
// Hazards  a step reads the whole dz of the step after it, behind a barrier within a dispatch or in a later dispatch.
//          An element of the gates of a step, or of carry, is read and written by one invocation. Once step 0 is done, the
//          gradient CELL of carry is that of the initial c
// Source   back-propagation through time of lstm-forward.wgsl
@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> transposed: array<WeightVector>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(4) var<storage, read> c: array<f32>;
@group(0) @binding(5) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> carry: array<f32>;

fn update_gradient_of_tile(t: u32, row: u32, unit: u32, from_next: f32) {
  if (!is_outside(row, unit)) {
    update_gradient(t, row, unit, from_next);
  }
}

fn update_rows(t: u32, first_row: u32, first_unit: u32, lane: u32) {
  var sums: TileSums;
  if (t + 1 < STEPS) {
    sums = plus_gradients(sums, tile_offsets(first_row, lane, next_dz(t), UNITS), clamped_units(first_unit));
  }
  var rows = rows_of(sums);
  for (var n = 0u; n < UNROLLED_CELLS; n++) { // unrolled
    let tile_column = n % TILE_UNITS;
    let row = first_row + tile_row(n / TILE_UNITS, lane);
    update_gradient_of_tile(t, row, tile_unit(first_unit, tile_column), rows[n / TILE_UNITS][tile_column]);
  }
  for (var n = UNROLLED_CELLS; n < TILE_ROWS * TILE_UNITS; n++) {
    let tile_column = n % TILE_UNITS;
    let row = first_row + tile_row(n / TILE_UNITS, lane);
    update_gradient_of_tile(t, row, tile_unit(first_unit, tile_column), rows[n / TILE_UNITS][tile_column]);
  }
}

// Recurrent dropout masks of a unit, one factor per gate.
fn dropout_factors(row: u32, unit: u32) -> vec4f {
  return vec4f(
    dropout_factor(0, row, unit),
    dropout_factor(1, row, unit),
    dropout_factor(2, row, unit),
    dropout_factor(3, row, unit));
}

fn update_row(t: u32, row: u32, first_unit: u32, lane: u32) {
  var sums = mat4x4f();
  let units = clamped_units(first_unit);
  if (t + 1 < STEPS) {
    sums = plus_gradients_of_row(sums, next_dz(t) + row * UNITS, lane, units);
  }
  for (var n = 0u; n < TILE_UNITS; n++) {
    update_gradient_of_tile(t, row, tile_unit(first_unit, n), dot(dropout_factors(row, units[n]), sums[n]));
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let lane = quad_lane(thread);
  let width = THREADS * TILE_UNITS;
  for (var done = 0u; done < chunk.count; done++) {
    let t = chunk.first + chunk.count - 1 - done;
    for (var first = group.x * width; first < UNITS; first += groups.x * width) {
      if (TILE_ROWS == 1) {
        update_row(t, group.y, first + thread, lane);
      } else {
        update_rows(t, group.y * TILE_ROWS, first + thread, lane);
      }
    }
    end_step();
  }
}
