// Loads the initial state of each row of a batch from its slot, or zero if the slot was reset.
//
//   state[b, u] = rows[b].reset ? 0 : slots[rows[b].slot, u]     (0 in rows without a sample)
//
// Shapes   slots [capacity, H]   rows [updates * B]   state [>= B, H], its first B rows
// Threads  one invocation owns one element of the state
// Hazards  none: each element is read and written by one invocation
// Source   Keras' stateful=True: row b continues row b of the batch before
override ROWS: u32;
override UNITS: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> slots: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ROWS * UNITS) {
    return;
  }
  let row = index / UNITS;
  var value = 0.0;
  if (row < update.row_count) {
    let entry = rows[update.first_row + row];
    if (entry.reset == 0) {
      value = slots[entry.slot * UNITS + index % UNITS];
    }
  }
  state[index] = value;
}
