// The sum of one value from every invocation of a workgroup, in a fixed order, so that the same inputs give the same bits.
override THREADS: u32 = 64;

var<workgroup> partial_sums: array<f32, THREADS>;

// THREADS must be a power of two; every invocation must call this, and all get the sum.
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
