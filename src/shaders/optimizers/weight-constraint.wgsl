// Projects a weight onto its constraint after a step of the optimizer.
//
//   non-negative:   w = max(w, 0)
//   norm:           w *= (RATE * clamp(norm, LOWEST, LARGEST) + (1 - RATE) * norm) / (1e-7 + norm), norm that of the column
//
// Shapes   parameters [>= FIRST + ROWS * COLUMNS]
// Threads  one invocation owns one column
// Hazards  none: each column is read and written by one invocation
// Source   keras/src/constraints/constraints.py, along axis 0
override FIRST: u32;     // offset of the weight in the parameters
override ROWS: u32;
override COLUMNS: u32;
override KIND: u32;
override LOWEST: f32;
override LARGEST: f32;
override RATE: f32;

// Numbers of the constraints: positions in `CONSTRAINTS` (models/network/optimizer/constraints.ts).
const NON_NEG = 0u;
const NORM = 1u;

@group(0) @binding(0) var<storage, read_write> parameters: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let column = element_index(id, groups);
  if (column >= COLUMNS) {
    return;
  }
  var sum = 0.0;
  for (var row = 0u; row < ROWS; row++) {
    let w = parameters[FIRST + row * COLUMNS + column];
    sum += w * w;
  }
  let norm = sqrt(sum);
  let factor = (RATE * nan_clamp(norm, LOWEST, LARGEST) + (1.0 - RATE) * norm) / (1e-7 + norm);
  for (var row = 0u; row < ROWS; row++) {
    let index = FIRST + row * COLUMNS + column;
    if (KIND == NON_NEG) {
      parameters[index] = nan_max(parameters[index], 0.0);
    } else {
      parameters[index] *= factor;
    }
  }
}
