// Computes the gradients of both directions of a bidirectional layer from the gradient of their merged output.
//
//   forward_gradient[t], reversed_gradient[STEPS - 1 - t] =
//       mask[t] * gradient[t] * derivatives of merge(forward[t], reversed[STEPS - 1 - t])
//
// Shapes   gradient as direction-merge's merged   forward, reversed, forward_gradient, reversed_gradient [STEPS, ROWS, UNITS]
//          mask [STEPS, ROWS], not read without MASKED
// Threads  one invocation owns one unit of one row at one step, in both directions
// Hazards  none: each element is read and written by one invocation
// Source   derivative of direction-merge.wgsl
override STEPS: u32;
override ROWS: u32;
override UNITS: u32;
override MODE: u32;
override MASKED: u32;

@group(0) @binding(0) var<storage, read> gradient: array<f32>;
@group(0) @binding(1) var<storage, read> forward: array<f32>;
@group(0) @binding(2) var<storage, read> reversed: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> forward_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> reversed_gradient: array<f32>;

// The gradients of the forward output at an index and of the reversed output at another: the gradient of the merged output
// times its derivatives.
fn gradients(index: u32, reversed_index: u32) -> vec2f {
  switch (MODE) {
    case CONCAT: {
      let offset = (index / UNITS) * 2 * UNITS + index % UNITS;
      return vec2f(gradient[offset], gradient[offset + UNITS]);
    }
    case SUM: { return vec2f(gradient[index]); }
    case MUL: { return gradient[index] * vec2f(reversed[reversed_index], forward[index]); }
    default: { return vec2f(0.5 * gradient[index]); }
  }
}

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  let stride = ROWS * UNITS;
  if (index >= STEPS * stride) {
    return;
  }
  let reversed_index = (STEPS - 1 - index / stride) * stride + index % stride;
  let is_unmasked = MASKED == 0 || mask[index / UNITS] != 0.0;
  let both = select(vec2f(0.0), gradients(index, reversed_index), is_unmasked);
  forward_gradient[index] = both.x;
  reversed_gradient[reversed_index] = both.y;
}
