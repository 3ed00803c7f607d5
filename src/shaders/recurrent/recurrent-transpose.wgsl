// Transposes the recurrent kernel of an LSTM, so that loads in the backward pass are coalesced.
//
//   transposed[k, unit] = weights[RECURRENT_ROW + unit, k]
//
// Shapes   vectors of the gates i, f, c, o of a unit: weights [RECURRENT_ROW + H, H]   transposed [H, H]
// Threads  one invocation owns one element of transposed, row by row
// Hazards  none
// Source   —
override UNITS: u32;
override RECURRENT_ROW: u32;

@group(0) @binding(0) var<storage, read> weights: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> transposed: array<WeightVector>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let element = element_index(id, groups);
  if (element < UNITS * UNITS) {
    transposed[element] = rounded_weights(weights[(RECURRENT_ROW + element % UNITS) * UNITS + element / UNITS]);
  }
}
