// Makes the last output of each row its next input, or the newest part of it.
//
//   x[b] = [x[b] without its first OUTPUTS features, slots[draws[b].slot]]       values[draws[b].result] = slots[draws[b].slot]
//
// Shapes   slots [capacity, OUTPUTS]   inputs [capacity, INPUTS]: the last inputs, read if INPUTS is more than OUTPUTS
//          draws [B]   values [B, steps, OUTPUTS]   x [B, INPUTS]
// Threads  one invocation owns one row
// Hazards  none: each row is read and written by one invocation, which counts its steps
// Source   —
override OUTPUTS: u32;
override INPUTS: u32;   // OUTPUTS, or more: then the input is a window of the last values

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> slots: array<f32>;
@group(0) @binding(2) var<storage, read> inputs: array<f32>;
@group(0) @binding(3) var<storage, read_write> draws: array<Draw>;
@group(0) @binding(4) var<storage, read_write> values: array<f32>;
@group(0) @binding(5) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = element_index(id, groups);
  if (row >= update.row_count) {
    return;
  }
  let slot = draws[row].slot;
  let result = draws[row].result;
  draws[row].result = result + 1;
  let kept = INPUTS - OUTPUTS;
  for (var k = 0u; k < kept; k++) {
    x[row * INPUTS + k] = inputs[slot * INPUTS + k + OUTPUTS];
  }
  for (var k = 0u; k < OUTPUTS; k++) {
    let value = slots[slot * OUTPUTS + k];
    x[row * INPUTS + kept + k] = value;
    values[result * OUTPUTS + k] = value;
  }
}
