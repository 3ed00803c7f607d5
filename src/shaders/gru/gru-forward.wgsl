// Computes time steps of a GRU: the recurrent product fused with the update of the state.
//
//   z, r = rec(input_z + h[t] · U_z + b_z), rec(input_r + h[t] · U_r + b_r)      U, b: recurrent kernel and its bias
//   g = act(input_h + r * (h[t] · U_h + b_h))                                    with RESET_AFTER
//   g = act(input_h + (r * h[t]) · U_h)                                          without; b is not used
//   with RECURRENT_DROPOUT every product takes h[t] * dropout_mask of its gate
//   h[t + 1] = z * h[t] + (1 - z) * g                       act: activation, rec: recurrent activation
//
// Shapes   input_gates [T, B, 3H] = x · kernel + bias   weights [I + 1 + H, 3H], or [I + 2 + H, 3H] with RESET_AFTER, row
//          I + 1 being the recurrent bias   h [T + 1, B, H], entry 0 the initial state   gates [T, B, 4H], saved for the
//          backward pass: z, r, g, and with RESET_AFTER h · U_h + b_h   output [T, B, H], or [B, H] without RETURN_SEQUENCES
//          mask [T, B]   dropout_mask [3, B, H]
//          BACKWARDS: input_gates, gates and mask are in the order of the input, all else in the order of processing
// Threads  one workgroup in y per row; the workgroups in x and their threads share its units. A dispatch of several steps,
//          and any dispatch without RESET_AFTER, needs a single workgroup in x
// Hazards  a step reads the whole h of the step before, behind a barrier within a dispatch or in a later dispatch.
//          Without RESET_AFTER the candidate reads all of r, behind a barrier in the middle of the step
// Source   Cho et al. 2014; RESET_AFTER as in cuDNN; gate order and names of keras/src/layers/rnn/gru.py
override RESET_AFTER: u32;

@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> input_gates: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read> dropout_mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;
@group(0) @binding(6) var<storage, read_write> gates: array<f32>;
@group(0) @binding(7) var<storage, read_write> output: array<f32>;

const GATES = 3u;

fn dropped_h(row: u32, k: u32, value: f32) -> vec3f {
  if (RECURRENT_DROPOUT == 0) {
    return vec3f(value);
  }
  return value * vec3f(
    dropout_mask[dropout_index(0, row, k)],
    dropout_mask[dropout_index(1, row, k)],
    dropout_mask[dropout_index(2, row, k)]);
}

fn update_gates(t: u32, row: u32, unit: u32) {
  let width = 3 * UNITS;
  let time = input_step(t);
  let state_row = state_index(t, row);
  let input_row = (time * ROWS + row) * width;
  let gate_row = (time * ROWS + row) * 4 * UNITS;
  if (is_masked(time, row)) {
    return;
  }

  var sums = vec3f();
  if (RESET_AFTER == 1) {
    let bias = (RECURRENT_ROW - 1) * width + unit;
    sums = vec3f(weights[bias], weights[bias + UNITS], weights[bias + 2 * UNITS]);
  }
  var weight = RECURRENT_ROW * width + unit;
  for (var k = 0u; k < UNITS && !resets_state(time, row); k++) {
    sums += dropped_h(row, k, h[state_row + k]) * vec3f(weights[weight], weights[weight + UNITS], weights[weight + 2 * UNITS]);
    weight += width;
  }
  gates[gate_row + unit] = recurrent_activation(input_gates[input_row + unit] + sums.x);
  gates[gate_row + UNITS + unit] = recurrent_activation(input_gates[input_row + UNITS + unit] + sums.y);
  gates[gate_row + 3 * UNITS + unit] = sums.z;
}

fn update_state(t: u32, row: u32, unit: u32) {
  let width = 3 * UNITS;
  let time = input_step(t);
  let state_row = state_index(t, row);
  let next_state_row = state_index(t + 1, row);
  let input_row = (time * ROWS + row) * width;
  let gate_row = (time * ROWS + row) * 4 * UNITS;
  let state_is_reset = resets_state(time, row);
  let old_h = select(h[state_row + unit], 0.0, state_is_reset);
  if (is_masked(time, row)) {
    h[next_state_row + unit] = old_h;
    write_masked_output(t, row, unit, old_h);
    return;
  }

  var candidate = input_gates[input_row + 2 * UNITS + unit];
  if (RESET_AFTER == 1) {
    candidate += gates[gate_row + UNITS + unit] * gates[gate_row + 3 * UNITS + unit];
  } else {
    var weight = RECURRENT_ROW * width + 2 * UNITS + unit;
    for (var k = 0u; k < UNITS && !state_is_reset; k++) {
      candidate += gates[gate_row + UNITS + k] * dropped_h(row, k, h[state_row + k]).z * weights[weight];
      weight += width;
    }
  }
  let z = gates[gate_row + unit];
  let g = activation(candidate);
  let new_h = z * old_h + (1.0 - z) * g;
  gates[gate_row + 2 * UNITS + unit] = g;
  h[next_state_row + unit] = new_h;
  write_output(t, row, unit, new_h);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * THREADS;
  for (var t = chunk.first; t < chunk.first + chunk.count; t++) {
    for (var unit = id.x; unit < UNITS; unit += stride) {
      update_gates(t, id.y, unit);
    }
    if (RESET_AFTER == 0) {
      storageBarrier();
    }
    for (var unit = id.x; unit < UNITS; unit += stride) {
      update_state(t, id.y, unit);
    }
    end_step();
  }
}
