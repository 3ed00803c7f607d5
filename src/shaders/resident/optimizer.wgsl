// The optimizer: each thread sums the gradients of its persistent weights over all positions and takes Adam's step with them.

// Gradients of a thread's own weights of the LSTM, summed over all positions but the last, which optimize_lstm adds.
var<private> gradients: array<vec4f, OWN_LSTM>;

fn optimize(update: ResidentUpdate) {
  optimize_lstm(update);
  optimize_head(update);
}

fn optimize_lstm(update: ResidentUpdate) {
  if (POSITIONS > 1) {
    sum_gradients();
  }
  let xh = own_xh(POSITIONS - 1);
  let dz = own_dz(POSITIONS - 1);
  for (var n = 0u; n < UNITS_PER_THREAD; n++) { // unrolled
    for (var i = 0u; i < XH_PER_THREAD; i++) { // unrolled
      var gradient = xh[i] * dz[n];
      if (POSITIONS > 1) {
        gradient += gradients[n * XH_PER_THREAD + i];
      }
      adam(n * XH_PER_THREAD + i, gradient, update);
    }
  }
}

fn sum_gradients() {
  gradients = array<vec4f, OWN_LSTM>();
  for (var position = 0u; position + 1 < POSITIONS; position++) {
    let xh = own_xh(position);
    let dz = own_dz(position);
    for (var n = 0u; n < UNITS_PER_THREAD; n++) { // unrolled
      for (var i = 0u; i < XH_PER_THREAD; i++) { // unrolled
        gradients[n * XH_PER_THREAD + i] += xh[i] * dz[n];
      }
    }
  }
}

fn optimize_head(update: ResidentUpdate) {
  for (var n = 0u; n < HEAD_VECTORS_PER_THREAD; n++) { // unrolled
    var gradient = vec4f();
    for (var e = 0u; e < 4; e++) { // unrolled
      let weight = own_head_weight(n) + e;
      if (weight < HEAD_WEIGHTS) {
        gradient[e] = head_gradient(weight / OUTPUTS, weight % OUTPUTS);
      }
    }
    adam(OWN_LSTM + n, gradient, update);
  }
}

// Gradient of the head's weight from a unit to an output, or of the output's bias if the unit is UNITS.
fn head_gradient(unit: u32, output: u32) -> f32 {
  var gradient = 0.0;
  for (var row = 0u; row < ROWS; row++) {
    gradient += select(1.0, last_h(row, unit), unit < UNITS) * load_output_gradient(row, output);
  }
  return gradient;
}

fn adam(own: u32, gradient: vec4f, update: ResidentUpdate) {
  let m_before = first_moments[own];
  let v_before = second_moments[own];
  let m = m_before + (gradient - m_before) * update.one_minus_beta1;
  let v = v_before + (gradient * gradient - v_before) * update.one_minus_beta2;
  first_moments[own] = m;
  second_moments[own] = v;
  weights[own] -= update.step_size * m / (sqrt(v) + update.epsilon);
}
