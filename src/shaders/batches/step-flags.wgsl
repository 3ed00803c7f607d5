// Packs a mask and the resets of its steps into one number a step, as the kernels of recurrent layers read it.
//
//   flags[n] = mask[n] + 2 resets[n]        mask[n] = 1 without MASKED
//
// Shapes   mask, resets, flags [N]      with N steps times rows
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   —
override ELEMENTS: u32;   // N
override MASKED: u32;

@group(0) @binding(0) var<storage, read> mask: array<f32>;
@group(0) @binding(1) var<storage, read> resets: array<f32>;
@group(0) @binding(2) var<storage, read_write> flags: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS) {
    return;
  }
  var flag = 2.0 * resets[index];
  if (MASKED == 1) {
    flag += mask[index];
  } else {
    flag += 1.0;
  }
  flags[index] = flag;
}
