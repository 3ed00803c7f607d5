// Reads memory over and over, neighbours side by side.
//
//   out[i] = sum over LOOPS of source[(i + loop * threads) mod VECTORS]
//
// Shapes   source [VECTORS] of vec4f, a power of two; out [threads]
// Threads  256 a workgroup
// Hazards  none
// Source   —
override LOOPS: u32;
override VECTORS: u32;

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let threads = groups.x * 256u;
  var sum = vec4f();
  for (var loop_count = 0u; loop_count < LOOPS; loop_count++) {
    sum += source[(id.x + loop_count * threads) & (VECTORS - 1u)];
  }
  out[id.x] = dot(sum, vec4f(1.0));
}
