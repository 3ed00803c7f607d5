// Persistent weights: each thread keeps its share of a model's weights, with both moments of Adam, in private variables
// from update to update. The weights of the LSTM are [XH_SIZE, UNITS] vectors of the gates i, f, c, o of a unit.
//
// Thread n of a model has units n % UNIT_LANES, n % UNIT_LANES + UNIT_LANES and so on. Where a model has more threads than
// units, SPLITS threads share a unit, and each has every SPLITS-th element of the concatenated input [x, 1, h].
override UNIT_LANES: u32;              // threads of a model, or groups of SPLITS threads, that have different units
override SPLITS: u32;                  // threads that share a unit; 1 unless each thread has one unit
override UNITS_PER_THREAD: u32;
override XH_PER_THREAD: u32;           // elements of [x, 1, h] whose weights a thread has, for each of its units
override HEAD_VECTORS_PER_THREAD: u32; // vectors of four weights of the head

override THREADS_PER_MODEL = UNIT_LANES * SPLITS;
override THREADS = MODELS_PER_WORKGROUP * THREADS_PER_MODEL;
override HEAD_WEIGHTS = (UNITS + 1) * OUTPUTS;
override OWN_LSTM = UNITS_PER_THREAD * XH_PER_THREAD;
override OWN = OWN_LSTM + HEAD_VECTORS_PER_THREAD;

// The weights of a thread, first those of the LSTM and then those of the head, and their moments.
var<private> weights: array<vec4f, OWN>;
var<private> first_moments: array<vec4f, OWN>;
var<private> second_moments: array<vec4f, OWN>;

// Copies for the other threads of the model: the weights of the LSTM where threads share a unit, and those of the head.
struct PublishedWeights {
  lstm: array<vec4f, select(1, XH_SIZE * UNITS, SPLITS > 1)>,
  head: array<f32, HEAD_WEIGHTS>,
}

// The n-th unit of a thread. It is UNITS or more if the thread has no n-th unit.
fn own_unit(n: u32) -> u32 {
  return thread % UNIT_LANES + n * UNIT_LANES;
}

// The i-th element of [x, 1, h] whose weights a thread has. It is XH_SIZE or more if the thread has no i-th one.
fn own_index(i: u32) -> u32 {
  return split + i * SPLITS;
}

// The first weight in a thread's n-th vector of the head. It is HEAD_WEIGHTS or more if the thread has no n-th vector.
fn own_head_weight(n: u32) -> u32 {
  return 4 * (thread + n * THREADS_PER_MODEL);
}

// Loads the elements of [x, 1, h] that a thread's weights are multiplied by at a position.
fn own_xh(position: u32) -> array<f32, XH_PER_THREAD> {
  var xh: array<f32, XH_PER_THREAD>;
  for (var i = 0u; i < XH_PER_THREAD; i++) { // unrolled
    xh[i] = load_xh(position, own_index(i));
  }
  return xh;
}

// Loads the gradients dz of a thread's units at a position, where the backward pass has left them.
fn own_dz(position: u32) -> array<vec4f, UNITS_PER_THREAD> {
  var dz: array<vec4f, UNITS_PER_THREAD>;
  for (var n = 0u; n < UNITS_PER_THREAD; n++) { // unrolled
    dz[n] = load_gates(position * UNITS + own_unit(n));
  }
  return dz;
}

// The range of a model's parameters that one vector of a thread holds.
struct Span {
  first: u32,
  count: u32, // up to 4
}

fn span_of(own: u32) -> Span {
  if (own < OWN_LSTM) {
    let unit = own_unit(own / XH_PER_THREAD);
    let index = own_index(own % XH_PER_THREAD);
    return Span(4 * (index * UNITS + unit), select(0u, 4u, unit < UNITS && index < XH_SIZE));
  }
  let first = own_head_weight(own - OWN_LSTM);
  return Span(HEAD + first, min(4, HEAD_WEIGHTS - min(first, HEAD_WEIGHTS)));
}

fn load_weights() {
  for (var own = 0u; own < OWN; own++) {
    let span = span_of(own);
    let m = 2 * model * PARAMETERS + span.first;
    for (var e = 0u; e < 4; e++) {
      if (e < span.count) {
        weights[own][e] = parameters[model * PARAMETERS + span.first + e];
        first_moments[own][e] = moments[m + e];
        second_moments[own][e] = moments[m + PARAMETERS + e];
      }
    }
  }
}

fn store_weights() {
  for (var own = 0u; own < OWN; own++) {
    let span = span_of(own);
    let m = 2 * model * PARAMETERS + span.first;
    for (var e = 0u; e < 4; e++) {
      if (e < span.count) {
        parameters[model * PARAMETERS + span.first + e] = weights[own][e];
        moments[m + e] = first_moments[own][e];
        moments[m + PARAMETERS + e] = second_moments[own][e];
      }
    }
  }
}

fn publish_weights() {
  if (SPLITS > 1) {
    publish_lstm();
  }
  for (var n = 0u; n < HEAD_VECTORS_PER_THREAD; n++) { // unrolled
    let first = own_head_weight(n);
    let four = weights[OWN_LSTM + n];
    for (var e = 0u; e < 4; e++) { // unrolled
      if (first + e < HEAD_WEIGHTS) {
        workspaces[workspace()].weights.head[first + e] = four[e];
      }
    }
  }
}

fn publish_lstm() {
  for (var n = 0u; n < UNITS_PER_THREAD; n++) { // unrolled
    let unit = own_unit(n);
    if (unit < UNITS) {
      for (var i = 0u; i < XH_PER_THREAD; i++) { // unrolled
        let index = own_index(i);
        if (index < XH_SIZE) {
          workspaces[workspace()].weights.lstm[index * UNITS + unit] = weights[n * XH_PER_THREAD + i];
        }
      }
    }
  }
}
