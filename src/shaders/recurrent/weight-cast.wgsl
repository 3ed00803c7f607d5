// Rounds the weights that the time loop of an LSTM reads to half precision.
//
//   rounded[n] = f16(weights[FIRST + n])
//
// Shapes   vectors of the gates i, f, c, o of a unit: weights [rows, H]   rounded [VECTORS], the rows from vector FIRST on
// Threads  one invocation owns one vector of rounded
// Hazards  none
// Source   Micikevicius et al. 2018, "Mixed Precision Training": the weights that are trained stay in float32
override FIRST: u32;
override VECTORS: u32;

@group(0) @binding(0) var<storage, read> weights: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> rounded: array<WeightVector>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index < VECTORS) {
    rounded[index] = rounded_weights(weights[FIRST + index]);
  }
}
