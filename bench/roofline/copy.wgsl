// Copies memory.
//
//   out[i] = source[i]
//
// Shapes   source, out [threads] of vec4f
// Threads  64 a workgroup, one invocation an element
// Hazards  none
// Source   —
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  out[id.x] = source[id.x];
}
