// Looks up a row of a table for every index.
//
//   output[p] = table[indices[p]] at each position p, a step of a row
//
// Shapes   indices [POSITIONS], whole numbers below the table's rows   table [rows, COLUMNS]   output [POSITIONS, COLUMNS]
// Threads  one invocation owns one element of the output
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/layers/core/embedding.py
override POSITIONS: u32;   // T * B
override COLUMNS: u32;

@group(0) @binding(0) var<storage, read> indices: array<f32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= POSITIONS * COLUMNS) {
    return;
  }
  output[index] = table[u32(indices[index / COLUMNS]) * COLUMNS + index % COLUMNS];
}
