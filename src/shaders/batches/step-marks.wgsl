// A mask with the steps marked before which states start from zero, as the kernels of recurrent layers read it.
//
//   marks[n] = mask[n] + (continues[n] == 0 ? 2 : 0)        mask[n] = 1 without MASKED
//
// Shapes   mask, continues, marks [N]      with N steps times rows
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   —
override ELEMENTS: u32;   // N
override MASKED: u32;

@group(0) @binding(0) var<storage, read> mask: array<f32>;
@group(0) @binding(1) var<storage, read> continues: array<f32>;
@group(0) @binding(2) var<storage, read_write> marks: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS) {
    return;
  }
  var mark = select(2.0, 0.0, continues[index] != 0.0);
  if (MASKED == 1) {
    mark += mask[index];
  } else {
    mark += 1.0;
  }
  marks[index] = mark;
}
