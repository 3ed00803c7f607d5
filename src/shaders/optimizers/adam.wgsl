// Applies a step of Adam to the flat parameters, or of its variant AMSGrad, whose second moment never decreases.
//
//   m += (gradient - m) * (1 - beta1)      v += (gradient² - v) * (1 - beta2)      AMSGRAD: largest = max(largest, v)
//   parameter -= step_size * m / (sqrt(v or largest) + epsilon)
//   step_size = learning rate * sqrt(1 - beta2ᵗ) / (1 - beta1ᵗ)
//
// Shapes   parameters, gradient [ELEMENTS]   moments: m, v, and with AMSGRAD largest, each [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   Kingma & Ba 2015, section 2, last form; Reddi et al. 2018; keras/src/optimizers/adam.py (uncorrected epsilon)
override ELEMENTS: u32;
override ONE_MINUS_BETA1: f32;
override ONE_MINUS_BETA2: f32;
override EPSILON: f32;
override AMSGRAD: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let m = element_index(id, groups);
  if (m >= ELEMENTS || accumulates_only(update)) {
    return;
  }
  let v = ELEMENTS + m;
  let g = gradient[m];
  let first_before = moments[m];
  let second_before = moments[v];
  let first = first_before + (g - first_before) * ONE_MINUS_BETA1;
  var second = second_before + (g * g - second_before) * ONE_MINUS_BETA2;
  moments[m] = first;
  moments[v] = second;
  if (AMSGRAD == 1) {
    let largest = 2 * ELEMENTS + m;
    second = nan_max(moments[largest], second);
    moments[largest] = second;
  }
  parameters[m] -= update.step_size * first / (sqrt(second) + EPSILON);
}
