// Waits for the whole workgroup, again and again.
//
// Shapes   out [THREADS]
// Threads  one workgroup of THREADS, a power of two
// Hazards  each invocation reads what its neighbour wrote before the barrier
// Source   —
override LOOPS: u32;
override THREADS: u32;

@group(0) @binding(0) var<storage, read_write> out: array<f32>;

var<workgroup> shared_numbers: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) index: u32) {
  shared_numbers[index] = f32(index);
  for (var loop_count = 0u; loop_count < LOOPS; loop_count++) {
    workgroupBarrier();
    let neighbour = shared_numbers[(index + 1u) & (THREADS - 1u)];
    workgroupBarrier();
    shared_numbers[index] = neighbour;
  }
  out[index] = shared_numbers[index];
}
