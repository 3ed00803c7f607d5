// Sums one value of every invocation of a workgroup by a tree reduction, whose fixed order gives the same bits every time.
override THREADS: u32 = 64;

var<workgroup> partial_sums: array<f32, THREADS>;

// THREADS must be a power of two. All invocations must call this in uniform control flow, and all get the sum.
fn workgroup_sum(value: f32, thread: u32) -> f32 {
  partial_sums[thread] = value;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) {
      partial_sums[thread] += partial_sums[thread + half];
    }
  }
  workgroupBarrier();
  let total = partial_sums[0];
  workgroupBarrier();
  return total;
}
