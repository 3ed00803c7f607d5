// Computes time steps of the backward pass of a GRU: from the gradient of its outputs to those of its input product and its
// recurrent product.
//
//   dh = output_gradient[t] + gradient from step t + 1: of its gates through the recurrent kernel, and dh * z that bypasses it
//   dz_z = dh * (h[t] - g) * rec'(z)      dz_h = dh * (1 - z) * act'(g)      act: activation, rec: recurrent activation
//   dz_r = dz_h * (h[t] · U_h + b_h) * rec'(r)                   with RESET_AFTER
//   dz_r = (dz_h · U_hᵀ) * h[t] * rec'(r)                        without; h then gets (dz_h · U_hᵀ) * r too
//   with RECURRENT_DROPOUT gradients through U are multiplied by the dropout mask of their gate
//
// Shapes   weights, gates, h and mask as in gru-forward.wgsl   output_gradient [T, B, H], or [B, H] without RETURN_SEQUENCES
//          dz [T, B, 3H], of x · kernel + bias   carry [2, B, H], or [3 + 2, B, H]
//          recurrent: with RESET_AFTER [T, B, 3H], the gradient of h · U + b: as dz, but dz_h * r; without it [T, B, H],
//          r * h[t], by which the candidate's recurrent kernel is multiplied
//          BACKWARDS: gates, dz, recurrent and mask are in the order of the input, all else in the order of processing
// Threads  one workgroup in y per row; the workgroups in x and their threads share its units. A dispatch of several steps,
//          and any dispatch without RESET_AFTER, needs a single workgroup in x
// Hazards  a step reads the whole gradient of the step after it, behind a barrier within a dispatch or in a later dispatch.
//          Without RESET_AFTER the reset gate reads all of dz_h, behind a barrier in the middle of the step
// Source   back-propagation through time of gru-forward.wgsl
override RESET_AFTER: u32;

@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read> gates: array<f32>;
@group(0) @binding(4) var<storage, read> h: array<f32>;
@group(0) @binding(5) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> dz: array<f32>;
@group(0) @binding(7) var<storage, read_write> recurrent: array<f32>;
@group(0) @binding(8) var<storage, read_write> carry: array<f32>;

const GATES = 3u;

// Gradient of the product h · U, which differs from dz only with RESET_AFTER.
fn recurrent_gradient(index: u32) -> f32 {
  if (RESET_AFTER == 1) {
    return recurrent[index];
  }
  return dz[index];
}

// Gradient of h at step t: the part that flows back through the recurrent products of the next step, and the part that bypasses
// them.
fn gradient_of_h(t: u32, row: u32, unit: u32) -> f32 {
  var dh = carried(BYPASS, t, row, unit);
  if (!is_continued(t, row)) {
    return dh;
  }
  let width = 3 * UNITS;
  let next_row = (input_step(t + 1) * ROWS + row) * width;
  let weight_row = (RECURRENT_ROW + unit) * width;
  // Without RESET_AFTER update_reset_gate has already added the part through the candidate to BYPASS.
  for (var gate = 0u; gate < select(GATES - 1, GATES, RESET_AFTER == 1); gate++) {
    var sum = 0.0;
    for (var k = gate * UNITS; k < (gate + 1) * UNITS; k++) {
      sum += recurrent_gradient(next_row + k) * weights[weight_row + k];
    }
    dh += dropout_factor(gate, row, unit) * sum;
  }
  return dh;
}

fn update_gradients(t: u32, row: u32, unit: u32) {
  let time = input_step(t);
  let state = (t * ROWS + row) * UNITS + unit;
  let gate_row = (time * ROWS + row) * 4 * UNITS;
  let index = (time * ROWS + row) * 3 * UNITS + unit;
  var dh = gradient_of_h(t, row, unit);

  if (is_masked(time, row)) {
    for (var gate = 0u; gate < GATES; gate++) {
      dz[index + gate * UNITS] = 0.0;
      if (RESET_AFTER == 1) {
        recurrent[index + gate * UNITS] = 0.0;
      }
    }
    pass_masked_step(t, row, unit, dh);
    return;
  }

  dh += take_output_gradient(t, row, unit);
  let old_h = select(h[state], 0.0, resets_state(time, row));
  let z = gates[gate_row + unit];
  let r = gates[gate_row + UNITS + unit];
  let g = gates[gate_row + 2 * UNITS + unit];
  let dz_z = dh * (old_h - g) * recurrent_activation_gradient(z);
  let dz_h = dh * (1.0 - z) * activation_gradient(g);
  dz[index] = dz_z;
  dz[index + 2 * UNITS] = dz_h;
  if (RESET_AFTER == 1) {
    let dz_r = dz_h * gates[gate_row + 3 * UNITS + unit] * recurrent_activation_gradient(r);
    dz[index + UNITS] = dz_r;
    recurrent[index] = dz_z;
    recurrent[index + UNITS] = dz_r;
    recurrent[index + 2 * UNITS] = dz_h * r;
  }
  carry[carry_index(BYPASS, row, unit)] = dh * z;
}

// Without RESET_AFTER the gradient of the reset gate depends on dz_h of all units of the row.
fn update_reset_gate(t: u32, row: u32, unit: u32) {
  let width = 3 * UNITS;
  let time = input_step(t);
  let index = (time * ROWS + row) * UNITS + unit;
  if (is_masked(time, row)) {
    recurrent[index] = 0.0;
    return;
  }
  let old_h = select(h[(t * ROWS + row) * UNITS + unit], 0.0, resets_state(time, row));
  let r = gates[(time * ROWS + row) * 4 * UNITS + UNITS + unit];
  let candidates = (time * ROWS + row) * width + 2 * UNITS;
  let weight_row = (RECURRENT_ROW + unit) * width + 2 * UNITS;
  var sum = 0.0;
  for (var k = 0u; k < UNITS; k++) {
    sum += dz[candidates + k] * weights[weight_row + k];
  }
  sum *= dropout_factor(GATES - 1, row, unit);
  dz[candidates - UNITS + unit] = sum * old_h * recurrent_activation_gradient(r);
  recurrent[index] = r * old_h;
  carry[carry_index(BYPASS, row, unit)] += sum * r;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * THREADS;
  for (var done = 0u; done < chunk.count; done++) {
    let t = chunk.first + chunk.count - 1 - done;
    for (var unit = id.x; unit < UNITS; unit += stride) {
      update_gradients(t, id.y, unit);
    }
    if (RESET_AFTER == 0) {
      storageBarrier();
      for (var unit = id.x; unit < UNITS; unit += stride) {
        update_reset_gate(t, id.y, unit);
      }
    }
    end_step();
  }
}
