// Applies a step of RMSprop to the flat parameters, with momentum, and centered if asked for.
//
//   v += (gradient² - v) * (1 - rho)      CENTERED: average += (gradient - average) * (1 - rho), else average = 0
//   velocity = MOMENTUM * velocity + step_size * gradient / sqrt(v - average² + epsilon)
//   parameter -= velocity
//
// Shapes   parameters, gradient [ELEMENTS]   moments: v, velocity, and with CENTERED average, each [ELEMENTS]
// Threads  one invocation per element
// Hazards  none: each element is read and written by one invocation
// Source   keras/src/optimizers/rmsprop.py (epsilon inside the root)
override ELEMENTS: u32;
override ONE_MINUS_RHO: f32;
override MOMENTUM: f32;
override EPSILON: f32;
override CENTERED: u32;

@group(0) @binding(0) var<uniform> update: Update;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<f32>;

@compute @workgroup_size(ELEMENT_THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let v = element_index(id, groups);
  if (v >= ELEMENTS || accumulates_only(update)) {
    return;
  }
  let velocity = ELEMENTS + v;
  let g = gradient[v];
  let squares_before = moments[v];
  let squares = squares_before + (g * g - squares_before) * ONE_MINUS_RHO;
  moments[v] = squares;
  var variance = squares;
  if (CENTERED == 1) {
    let average_index = 2 * ELEMENTS + v;
    let before = moments[average_index];
    let average = before + (g - before) * ONE_MINUS_RHO;
    moments[average_index] = average;
    // The variance is clamped, since rounding could make it negative.
    variance = nan_max(squares - average * average, 0.0);
  }
  let step = MOMENTUM * moments[velocity] + update.step_size * g / sqrt(variance + EPSILON);
  moments[velocity] = step;
  parameters[v] -= step;
}
