// Weights and moments of a small model that threads of its workgroup keep for themselves, and Adam's step with them.
// Kernels that include this are specialized for their sizes, bind `parameters` and `moments` of all models, and tell thread,
// part and model. Those of the LSTM are [JOINED, UNITS] vectors of the gates i, f, c, o of a unit.
override UNITS_AT_ONCE: u32;
override PARTS: u32;             // 1 unless each thread has one unit
override UNITS_EACH: u32;        // units of a thread
override ROWS_EACH: u32;         // rows of the weights of a unit that are its thread's
override HEAD_EACH: u32;         // vectors of the head's weights that are a thread's

override TEAM = UNITS_AT_ONCE * PARTS; // threads of a model
override THREADS = SEATS * TEAM;
override HEAD_WEIGHTS = (UNITS + 1) * OUTPUTS;
override OWN_LSTM = UNITS_EACH * ROWS_EACH;
override OWN = OWN_LSTM + HEAD_EACH;

// A thread's own weights, first the LSTM's and then the head's, and their moments.
var<private> weights: array<vec4f, OWN>;
var<private> first_moments: array<vec4f, OWN>;
var<private> second_moments: array<vec4f, OWN>;

// What others see of them.
struct SharedWeights {
  lstm: array<vec4f, select(1, JOINED * UNITS, PARTS > 1)>,
  head: array<f32, HEAD_WEIGHTS>,
}

// The n-th unit of a thread; beyond UNITS it has none.
fn own_unit(n: u32) -> u32 {
  return thread % UNITS_AT_ONCE + n * UNITS_AT_ONCE;
}

// The i-th row of a thread's weights; beyond JOINED it has none.
fn own_row(i: u32) -> u32 {
  return part + i * PARTS;
}

// Where the first of a thread's n-th four weights of the head is; beyond HEAD_WEIGHTS it has none.
fn own_of_head(n: u32) -> u32 {
  return 4 * (thread + n * TEAM);
}

// The parameters that a thread has in a vector of its own.
struct Stored {
  first: u32,
  count: u32, // up to 4
}

fn stored(own: u32) -> Stored {
  if (own < OWN_LSTM) {
    let unit = own_unit(own / ROWS_EACH);
    let row = own_row(own % ROWS_EACH);
    return Stored(4 * (row * UNITS + unit), select(0u, 4u, unit < UNITS && row < JOINED));
  }
  let first = own_of_head(own - OWN_LSTM);
  return Stored(HEAD + first, min(4, HEAD_WEIGHTS - min(first, HEAD_WEIGHTS)));
}

fn load_weights() {
  for (var own = 0u; own < OWN; own++) {
    let place = stored(own);
    let m = 2 * model * PARAMETERS + place.first;
    for (var e = 0u; e < 4; e++) {
      if (e < place.count) {
        weights[own][e] = parameters[model * PARAMETERS + place.first + e];
        first_moments[own][e] = moments[m + e];
        second_moments[own][e] = moments[m + PARAMETERS + e];
      }
    }
  }
}

fn store_weights() {
  for (var own = 0u; own < OWN; own++) {
    let place = stored(own);
    let m = 2 * model * PARAMETERS + place.first;
    for (var e = 0u; e < 4; e++) {
      if (e < place.count) {
        parameters[model * PARAMETERS + place.first + e] = weights[own][e];
        moments[m + e] = first_moments[own][e];
        moments[m + PARAMETERS + e] = second_moments[own][e];
      }
    }
  }
}

// Shows others the weights that they need: those of a unit that several share, and the head.
fn share_weights() {
  if (PARTS > 1) {
    for (var n = 0u; n < UNITS_EACH; n++) { // unrolled
      let unit = own_unit(n);
      if (unit < UNITS) {
        for (var i = 0u; i < ROWS_EACH; i++) { // unrolled
          let row = own_row(i);
          if (row < JOINED) {
            spaces[seat()].weights.lstm[row * UNITS + unit] = weights[n * ROWS_EACH + i];
          }
        }
      }
    }
  }
  for (var n = 0u; n < HEAD_EACH; n++) { // unrolled
    let first = own_of_head(n);
    let four = weights[OWN_LSTM + n];
    for (var e = 0u; e < 4; e++) { // unrolled
      if (first + e < HEAD_WEIGHTS) {
        spaces[seat()].weights.head[first + e] = four[e];
      }
    }
  }
}

fn adam(own: u32, slope: vec4f, update: Update) {
  let m_before = first_moments[own];
  let v_before = second_moments[own];
  let m = m_before + (slope - m_before) * update.one_minus_beta1;
  let v = v_before + (slope * slope - v_before) * update.one_minus_beta2;
  first_moments[own] = m;
  second_moments[own] = v;
  weights[own] -= update.step_size * m / (sqrt(v) + update.epsilon);
}
