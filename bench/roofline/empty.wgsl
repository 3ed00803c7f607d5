// Writes one number: the least a dispatch can do.
//
// Shapes   out [1]
// Threads  one
// Hazards  none
// Source   —
@group(0) @binding(0) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(1)
fn main() {
  out[0] = 1.0;
}
