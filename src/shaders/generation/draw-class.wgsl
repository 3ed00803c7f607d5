// Draws a class from the last output of each row and makes it the next input.
//
//   class = sampled_class(slots[draws[b].slot])       (sample-class.wgsl)
//   classes[draws[b].result] = class      x[b] = class, or with ONE_HOT a vector with 1 at the class and 0 elsewhere
//
// Shapes   slots [capacity, CLASSES]   draws [B]   classes [B, steps]   x [B, 1], or [B, CLASSES]
// Threads  one invocation owns one row
// Hazards  none: each row is read and written by one invocation, which counts its steps
// Source   Holtzman et al. 2020 (temperature, top-k); Fan et al. 2018 (top-k)
override CLASSES: u32;
override ONE_HOT: u32;   // 0: the input is the index of an embedding

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> slots: array<f32>;
@group(0) @binding(2) var<storage, read_write> draws: array<Draw>;
@group(0) @binding(3) var<storage, read_write> classes: array<u32>;
@group(0) @binding(4) var<storage, read_write> x: array<f32>;

fn probability(first: u32, k: u32) -> f32 {
  return slots[first + k];
}

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = element_index(id, groups);
  if (row >= update.row_count) {
    return;
  }
  let draw = draws[row];
  let drawn = sampled_class(draw, draw.slot * CLASSES, CLASSES);
  classes[draw.result] = drawn;
  draws[row].step = draw.step + 1;
  draws[row].result = draw.result + 1;
  if (ONE_HOT == 0) {
    x[row] = f32(min(drawn, CLASSES - 1));
    return;
  }
  for (var k = 0u; k < CLASSES; k++) {
    x[row * CLASSES + k] = select(0.0, 1.0, k == drawn);
  }
}
