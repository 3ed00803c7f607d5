// Computes time steps of a simple recurrent layer: the recurrent product fused with the activation.
//
//   h[t + 1] = activation(input_gates[t] + h[t] · recurrent kernel)       with RECURRENT_DROPOUT h[t] * dropout_mask
//
// Shapes   input_gates [T, B, H] = x · kernel + bias   weights [I + 1 + H, H]   h [T + 1, B, H], entry 0 the initial state
//          output [T, B, H], or [B, H] without RETURN_SEQUENCES   mask [T, B]
//          dropout_mask [1, B, H]
//          BACKWARDS: input_gates and mask are in the order of the input, all else in the order of processing
// Threads  one workgroup in y per row; the workgroups in x and their threads share its units. A dispatch of several steps
//          needs a single workgroup in x
// Hazards  a step reads the whole h of the step before, behind a barrier within a dispatch or in a later dispatch
// Source   Elman 1990; keras/src/layers/rnn/simple_rnn.py
override ACTIVATION: u32;

@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> input_gates: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read> dropout_mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;
@group(0) @binding(6) var<storage, read_write> output: array<f32>;

const GATES = 1u;

fn dropped_h(row: u32, k: u32, value: f32) -> f32 {
  if (RECURRENT_DROPOUT == 0) {
    return value;
  }
  return value * dropout_mask[dropout_index(0, row, k)];
}

fn update_unit(t: u32, row: u32, unit: u32) {
  let time = input_step(t);
  let state_row = state_index(t, row);
  let next_state_row = state_index(t + 1, row);
  let state_is_reset = resets_state(time, row);
  if (is_masked(time, row)) {
    let old_h = select(h[state_row + unit], 0.0, state_is_reset);
    h[next_state_row + unit] = old_h;
    write_masked_output(t, row, unit, old_h);
    return;
  }

  var z = input_gates[(time * ROWS + row) * UNITS + unit];
  var weight = RECURRENT_ROW * UNITS + unit;
  for (var k = 0u; k < UNITS && !state_is_reset; k++) {
    z += dropped_h(row, k, h[state_row + k]) * weights[weight];
    weight += UNITS;
  }
  let new_h = activate(ACTIVATION, z);
  h[next_state_row + unit] = new_h;
  write_output(t, row, unit, new_h);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var t = chunk.first; t < chunk.first + chunk.count; t++) {
    for (var unit = id.x; unit < UNITS; unit += groups.x * THREADS) {
      update_unit(t, id.y, unit);
    }
    end_step();
  }
}
