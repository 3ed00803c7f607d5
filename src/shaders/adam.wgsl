// One step of Adam over the flat parameters.
//
//   m += (gradient - m) * (1 - beta1)      v += (gradient² - v) * (1 - beta2)
//   parameter -= step_size * m / (sqrt(v) + epsilon)      step_size = learning rate * sqrt(1 - beta2ᵗ) / (1 - beta1ᵗ)
//
// Shapes   parameters, gradient, m, v [ELEMENTS]
// Threads  one invocation owns one element
// Hazards  none: no element is read by another invocation
// Source   Kingma & Ba 2015, section 2, last form; keras/src/optimizers/adam.py (epsilon outside the bias correction)
override ELEMENTS: u32;
override ONE_MINUS_BETA1: f32;
override ONE_MINUS_BETA2: f32;
override EPSILON: f32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> m: array<f32>;
@group(0) @binding(4) var<storage, read_write> v: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = element_index(id, groups);
  if (index >= ELEMENTS) {
    return;
  }
  let slope = gradient[index];
  let first = m[index] + (slope - m[index]) * ONE_MINUS_BETA1;
  let second = v[index] + (slope * slope - v[index]) * ONE_MINUS_BETA2;
  m[index] = first;
  v[index] = second;
  parameters[index] -= update.step_size * first / (sqrt(second) + EPSILON);
}
