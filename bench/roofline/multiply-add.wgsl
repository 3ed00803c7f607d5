// Multiplies and adds in registers, with nothing to wait for but the sums themselves.
//
//   eight sums of four numbers, LOOPS times: sum = sum * factor + 0.5
//
// Shapes   out [threads]
// Threads  64 a workgroup, each for itself; 64 floating-point operations a loop
// Hazards  none
// Source   —
override LOOPS: u32;

@group(0) @binding(0) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = vec4f(0.25 + f32(id.x & 7u) * 0.01);
  let half = vec4f(0.5);
  var a = factor;
  var b = factor * 2.0;
  var c = factor * 3.0;
  var d = factor * 4.0;
  var e = factor * 5.0;
  var f = factor * 6.0;
  var g = factor * 7.0;
  var h = factor * 8.0;
  for (var loop_count = 0u; loop_count < LOOPS; loop_count++) {
    a = fma(a, factor, half);
    b = fma(b, factor, half);
    c = fma(c, factor, half);
    d = fma(d, factor, half);
    e = fma(e, factor, half);
    f = fma(f, factor, half);
    g = fma(g, factor, half);
    h = fma(h, factor, half);
  }
  out[id.x] = dot(a + b + c + d + e + f + g + h, vec4f(1.0));
}
