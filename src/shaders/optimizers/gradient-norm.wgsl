// Computes the Euclidean norm of a gradient, or of a part of it.
//
//   norm = sqrt(sum of gradient²)
//
// Shapes   gradient [>= FIRST + ELEMENTS]   norm [1]
// Threads  one workgroup shares all elements, so that the sum has a fixed order
// Hazards  the sum is reduced in workgroup memory
// Source   keras/src/optimizers/base_optimizer.py clip_gradients
override FIRST: u32;     // offset of the part in the gradient
override ELEMENTS: u32;

@group(0) @binding(0) var<storage, read> gradient: array<f32>;
@group(0) @binding(1) var<storage, read_write> norm: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var e = thread; e < ELEMENTS; e += THREADS) {
    let value = gradient[FIRST + e];
    sum += value * value;
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    norm[0] = sqrt(total);
  }
}
