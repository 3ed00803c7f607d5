// Stores the state after the last step of a batch in the slots of its rows: the inverse of state-gather.
//
//   slots[rows[b].slot, u] = state[FIRST + b, u]     (rows without a sample leave their slot alone)
//
// Shapes   state [>= FIRST + B, H]   rows [updates * B]   slots [capacity, H]
// Threads  one invocation owns one element of the state
// Hazards  two rows of one batch never name the same slot
// Source   Keras' stateful=True: row b continues row b of the batch before
override FIRST: u32;
override ROWS: u32;
override UNITS: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> state: array<f32>;
@group(0) @binding(3) var<storage, read_write> slots: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  let row = index / UNITS;
  if (row >= min(ROWS, update.row_count)) {
    return;
  }
  let slot = rows[update.first_row + row].slot;
  slots[slot * UNITS + index % UNITS] = state[FIRST * UNITS + index];
}
