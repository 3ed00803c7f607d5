// Whole updates of small models, one after the other, each model inside one workgroup: an LSTM, a dense head on its last
// step, the loss, the way back and Adam. Weights and moments stay with their threads, all else in workgroup memory.
//
//   for each update of the run: what batch-gather, state-gather, lstm-forward, product-register-tiled, binary-crossentropy or
//   regression-loss, metric, lstm-backward, adam and state-scatter do one dispatch after the other
//
// Shapes   M models, SEATS a workgroup   updates [>= run.count, M]   rows [updates * M * B]   samples [N, T, I]
//          targets [N, OUTPUTS]   states [M]: h [capacity, H], and from CELL_STATES on c; STATES numbers a model
//          parameters [M]: LSTM [I + 1 + H, H, 4], and from HEAD on dense [H + 1, OUTPUTS]; PARAMETERS numbers a model
//          moments [M]: m and v, as parameters each   journal [capacity, M, COLUMNS]
// Threads  a team a model, and SEATS teams a workgroup. UNITS_AT_ONCE threads stand side by side, each for every so many-th
//          unit. Where there are more threads than units, PARTS of them share a unit: in the passes they share out the rows
//          of the batch, in the optimizer those of the weights. What one works out for a unit or a row that it has not goes
//          nowhere
// Hazards  phases and time steps are parted by barriers; within one, an element has one owner. In the backward loop dz
//          takes the place of the gates it came from. A slot is read and written by the owner of the same unit
// Source   the kernels named above; keras/src/optimizers/adam.py
override ROWS: u32;
override STEPS: u32;
override INPUTS: u32;
override UNITS: u32;
override OUTPUTS: u32;
override TRAIN: u32;
override STATEFUL: u32;
override FROM_LOGITS: u32;       // 1 binary cross-entropy, 0 mean squared error
override COLUMNS: u32;           // of the journal: the loss, and with 3 a metric and its weight
override CELL_STATES: u32;
override STATES: u32;
override HEAD: u32;
override PARAMETERS: u32;
override SEATS: u32;             // models of a workgroup
override HANDS: u32;             // classes of units of a thread
override HANDED_UNITS: u32;      // UNITS where threads work out for each other what their weights add to dh; or 0

override JOINED = INPUTS + 1 + UNITS;
override CELLS = ROWS * UNITS;
override PLACES = STEPS * ROWS;
// What units add to dh is summed up by classes of them, which are the same for one, two and four threads: so are roundings.
override CLASSES = TEAM * HANDS;

struct Run {
  count: u32,
}

@group(0) @binding(0) var<uniform> run: Run;
@group(0) @binding(1) var<storage, read> updates: array<Update>;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> samples: array<f32>;
@group(0) @binding(4) var<storage, read> targets: array<f32>;
@group(0) @binding(5) var<storage, read_write> states: array<f32>;
@group(0) @binding(6) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(7) var<storage, read_write> moments: array<f32>;
@group(0) @binding(8) var<storage, read_write> journal: array<f32>;

// What threads of a model hand to each other.
struct Workspace {
  // Of each step and row what the weights are multiplied with: the input, 1, and h of the step before.
  joined: array<f32, (STEPS + 1) * ROWS * JOINED>,
  c: array<f32, (STEPS + 1) * CELLS>,
  // The gates i, f, c, o of a unit stand together as a vector.
  gates: array<vec4f, STEPS * CELLS>,
  dc: array<f32, CELLS>,
  // Of each row and class of units what it adds to dh of all units; those of two steps take turns.
  handed: array<f32, max(1, 2 * ROWS * CLASSES * HANDED_UNITS)>,
  output_gradient: array<f32, ROWS * OUTPUTS>,
  noted: array<vec2f, ROWS * OUTPUTS>,
  weights: SharedWeights,
}

var<workgroup> spaces: array<Workspace, SEATS>;

// The gradients of a thread's own weights of the LSTM.
var<private> slopes: array<vec4f, OWN_LSTM>;

// Whatever is read twice is read once into a `let`: a compiler without optimizations reads it twice.
var<private> thread: u32;
var<private> part: u32;
var<private> model: u32;
var<private> own_seat: u32;

// Where in the workgroup a thread's model is.
fn seat() -> u32 {
  if (SEATS == 1) {
    return 0;
  }
  return own_seat;
}

fn load_ones() {
  for (var n = thread; n < (STEPS + 1) * ROWS; n += TEAM) {
    spaces[seat()].joined[n * JOINED + INPUTS] = 1.0;
  }
}

// Rows without a sample read 0.
fn load_inputs(update: Update) {
  for (var e = thread; e < ROWS * STEPS * INPUTS; e += TEAM) {
    let b = e / (STEPS * INPUTS);
    let place = e % (STEPS * INPUTS);
    var x = 0.0;
    if (b < update.row_count) {
      x = samples[rows[update.first_row + b].sample * STEPS * INPUTS + place];
    }
    spaces[seat()].joined[(place / INPUTS * ROWS + b) * JOINED + place % INPUTS] = x;
  }
}

fn load_states(update: Update) {
  for (var b = part; b < ROWS; b += PARTS) {
    var goes_on = STATEFUL == 1 && b < update.row_count;
    var slot = 0u;
    if (goes_on) {
      let row = rows[update.first_row + b];
      goes_on = row.from_zero == 0;
      slot = row.slot;
    }
    for (var n = 0u; n < UNITS_EACH; n++) {
      let unit = own_unit(n);
      if (unit < UNITS) {
        var h_before = 0.0;
        var c_before = 0.0;
        if (goes_on) {
          let place = model * STATES + slot * UNITS + unit;
          h_before = states[place];
          c_before = states[CELL_STATES + place];
        }
        spaces[seat()].joined[b * JOINED + INPUTS + 1 + unit] = h_before;
        spaces[seat()].c[b * UNITS + unit] = c_before;
      }
    }
  }
}

fn store_states(update: Update) {
  for (var b = part; b < update.row_count; b += PARTS) {
    let slot = rows[update.first_row + b].slot;
    for (var n = 0u; n < UNITS_EACH; n++) {
      let unit = own_unit(n);
      if (unit < UNITS) {
        let place = model * STATES + slot * UNITS + unit;
        states[place] = last_h(b, unit);
        states[CELL_STATES + place] = spaces[seat()].c[STEPS * CELLS + b * UNITS + unit];
      }
    }
  }
}

fn last_h(b: u32, unit: u32) -> f32 {
  return spaces[seat()].joined[(STEPS * ROWS + b) * JOINED + INPUTS + 1 + unit];
}

// What the weights in a thread's own rows are multiplied with at a place, which is a step and a row of the batch.
fn own_factors(place: u32) -> array<f32, ROWS_EACH> {
  var factors: array<f32, ROWS_EACH>;
  for (var i = 0u; i < ROWS_EACH; i++) { // unrolled
    factors[i] = spaces[seat()].joined[place * JOINED + own_row(i)];
  }
  return factors;
}

fn step_forward(t: u32) {
  for (var b = part; b < ROWS; b += PARTS) {
    let place = t * ROWS + b;
    var z: array<vec4f, UNITS_EACH>;
    if (PARTS == 1) {
      let factors = own_factors(place);
      for (var n = 0u; n < UNITS_EACH; n++) { // unrolled
        var sum = vec4f();
        for (var i = 0u; i < ROWS_EACH; i++) { // unrolled
          sum += factors[i] * weights[n * ROWS_EACH + i];
        }
        z[n] = sum;
      }
    } else {
      var sum = vec4f();
      for (var row = 0u; row < JOINED; row++) {
        sum += spaces[seat()].joined[place * JOINED + row] * spaces[seat()].weights.lstm[row * UNITS + own_unit(0)];
      }
      z[0] = sum;
    }
    for (var n = 0u; n < UNITS_EACH; n++) {
      let unit = own_unit(n);
      if (unit < UNITS) {
        // The cell of lstm/lstm-cell.wgsl, whose functions made updates of 64 models a seventh slower here on a software adapter.
        let sums = z[n];
        let gates = vec4f(recurrent_activation(sums.x), recurrent_activation(sums.y), activation(sums.z), recurrent_activation(sums.w));
        let cell = place * UNITS + unit;
        let new_c = gates.y * spaces[seat()].c[cell] + gates.x * gates.z;
        spaces[seat()].gates[cell] = gates;
        spaces[seat()].c[cell + CELLS] = new_c;
        spaces[seat()].joined[(place + ROWS) * JOINED + INPUTS + 1 + unit] = gates.w * activation(new_c);
      }
    }
  }
}

fn head_and_loss(update: Update) {
  let scale = 1.0 / f32(OUTPUTS * update.row_count);
  for (var e = thread; e < ROWS * OUTPUTS; e += TEAM) {
    let b = e / OUTPUTS;
    let output = e % OUTPUTS;
    spaces[seat()].noted[e] = vec2f();
    spaces[seat()].output_gradient[e] = 0.0;
    if (b < update.row_count) {
      var z = spaces[seat()].weights.head[UNITS * OUTPUTS + output];
      for (var k = 0u; k < UNITS; k++) {
        z += last_h(b, k) * spaces[seat()].weights.head[k * OUTPUTS + output];
      }
      let y = targets[rows[update.first_row + b].sample * OUTPUTS + output];
      var at = LossAt((z - y) * (z - y), z, 2.0 * (z - y));
      if (FROM_LOGITS == 1) {
        at = crossentropy_of_logit(z, y);
      }
      spaces[seat()].noted[e] = vec2f(at.loss, metric(at.prediction, y));
      spaces[seat()].output_gradient[e] = at.derivative * scale;
    }
  }
}

fn note(update: Update, models: u32) {
  var sums = vec2f();
  for (var e = 0u; e < ROWS * OUTPUTS; e++) {
    sums += spaces[seat()].noted[e];
  }
  let place = (update.journal_row * models + model) * COLUMNS;
  journal[place] = sums.x / f32(OUTPUTS);
  if (COLUMNS > 1) {
    journal[place + 1] = sums.y / f32(OUTPUTS);
    journal[place + 2] = f32(update.row_count);
  }
}

fn step_backward(t: u32) {
  for (var b = part; b < ROWS; b += PARTS) {
    for (var n = 0u; n < UNITS_EACH; n++) {
      let unit = own_unit(n);
      if (unit < UNITS) {
        cell_backward(t, b, unit);
      }
    }
    if (HANDED_UNITS > 0 && t > 0) {
      hand_over(t, b);
    }
  }
}

// Of a thread's units at a place, after the step back.
fn own_dz(place: u32) -> array<vec4f, UNITS_EACH> {
  var dz: array<vec4f, UNITS_EACH>;
  for (var n = 0u; n < UNITS_EACH; n++) { // unrolled
    dz[n] = spaces[seat()].gates[place * UNITS + own_unit(n)];
  }
  return dz;
}

fn hand_over(t: u32, b: u32) {
  let dz = own_dz(t * ROWS + b);
  for (var unit = 0u; unit < HANDED_UNITS; unit++) { // unrolled
    for (var hand = 0u; hand < HANDS; hand++) { // unrolled
      var sum = 0.0;
      for (var n = 0u; n < UNITS_EACH; n++) { // unrolled
        if (n % HANDS == hand) {
          sum += select(0.0, dot(dz[n], weights[n * ROWS_EACH + INPUTS + 1 + unit]), own_unit(n) < UNITS);
        }
      }
      spaces[seat()].handed[handed_place(t, b, thread + hand * TEAM) + unit] = sum;
    }
  }
}

fn handed_place(t: u32, b: u32, class_of_units: u32) -> u32 {
  return ((t % 2 * ROWS + b) * CLASSES + class_of_units) * UNITS;
}

fn dh_from_next(t: u32, b: u32, unit: u32) -> f32 {
  var dh = 0.0;
  if (HANDED_UNITS > 0) {
    for (var n = 0u; n < CLASSES; n++) {
      dh += spaces[seat()].handed[handed_place(t + 1, b, n) + unit];
    }
  } else {
    let next = ((t + 1) * ROWS + b) * UNITS;
    for (var k = 0u; k < UNITS; k++) {
      dh += dot(spaces[seat()].gates[next + k], spaces[seat()].weights.lstm[(INPUTS + 1 + unit) * UNITS + k]);
    }
  }
  return dh;
}

fn cell_backward(t: u32, b: u32, unit: u32) {
  let e = b * UNITS + unit;
  let cell = t * CELLS + e;
  var dh = 0.0;
  var dc = 0.0;
  if (t + 1 == STEPS) {
    for (var output = 0u; output < OUTPUTS; output++) {
      dh += spaces[seat()].output_gradient[b * OUTPUTS + output] * spaces[seat()].weights.head[unit * OUTPUTS + output];
    }
  } else {
    dc = spaces[seat()].dc[e];
    dh = dh_from_next(t, b, unit);
  }
  let gates = spaces[seat()].gates[cell];
  let activated_c = activation(spaces[seat()].c[cell + CELLS]);
  dc += dh * gates.w * activation_gradient(activated_c);
  spaces[seat()].gates[cell] = vec4f(
    dc * gates.z * recurrent_activation_gradient(gates.x),
    dc * spaces[seat()].c[cell] * recurrent_activation_gradient(gates.y),
    dc * gates.x * activation_gradient(gates.z),
    dh * activated_c * recurrent_activation_gradient(gates.w));
  spaces[seat()].dc[e] = dc * gates.y;
}

// The gradient of a thread's own weights, but for what the last place adds.
fn sum_slopes() {
  slopes = array<vec4f, OWN_LSTM>();
  for (var place = 0u; place + 1 < PLACES; place++) {
    let factors = own_factors(place);
    let dz = own_dz(place);
    for (var n = 0u; n < UNITS_EACH; n++) { // unrolled
      for (var i = 0u; i < ROWS_EACH; i++) { // unrolled
        slopes[n * ROWS_EACH + i] += factors[i] * dz[n];
      }
    }
  }
}

fn optimize_lstm(update: Update) {
  if (PLACES > 1) {
    sum_slopes();
  }
  let factors = own_factors(PLACES - 1);
  let dz = own_dz(PLACES - 1);
  for (var n = 0u; n < UNITS_EACH; n++) { // unrolled
    for (var i = 0u; i < ROWS_EACH; i++) { // unrolled
      var slope = factors[i] * dz[n];
      if (PLACES > 1) {
        slope += slopes[n * ROWS_EACH + i];
      }
      adam(n * ROWS_EACH + i, slope, update);
    }
  }
}

fn optimize_head(update: Update) {
  for (var n = 0u; n < HEAD_EACH; n++) { // unrolled
    var slope = vec4f();
    for (var e = 0u; e < 4; e++) { // unrolled
      let place = own_of_head(n) + e;
      if (place < HEAD_WEIGHTS) {
        slope[e] = head_slope(place / OUTPUTS, place % OUTPUTS);
      }
    }
    adam(OWN_LSTM + n, slope, update);
  }
}

// Of the weight between a unit and an output, or of the bias, which stands behind the units.
fn head_slope(unit: u32, output: u32) -> f32 {
  var slope = 0.0;
  for (var b = 0u; b < ROWS; b++) {
    slope += select(1.0, last_h(b, unit), unit < UNITS) * spaces[seat()].output_gradient[b * OUTPUTS + output];
  }
  return slope;
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  own_seat = local / TEAM;
  thread = local % TEAM;
  part = thread / UNITS_AT_ONCE;
  model = group.x * SEATS + seat();
  load_weights();
  load_ones();
  for (var k = 0u; k < run.count; k++) {
    let update = updates[k * groups.x * SEATS + model];
    share_weights();
    load_inputs(update);
    load_states(update);
    workgroupBarrier();
    for (var t = 0u; t < STEPS; t++) {
      step_forward(t);
      workgroupBarrier();
    }
    head_and_loss(update);
    workgroupBarrier();
    if (thread == 0) {
      note(update, groups.x * SEATS);
    }
    if (STATEFUL == 1) {
      store_states(update);
    }
    if (TRAIN == 1) {
      for (var t = STEPS; t > 0; t--) {
        step_backward(t - 1);
        // The optimizer reads what came out of step 0 for a thread's own units alone.
        if (t > 1 || PARTS > 1) {
          workgroupBarrier();
        }
      }
      optimize_lstm(update);
      optimize_head(update);
    }
    // The next update overwrites what other threads may still read.
    workgroupBarrier();
    // Where threads share a unit, a slot's next row may be another thread's.
    if (ROWS > 1 && PARTS > 1) {
      storageBarrier();
    }
  }
  if (TRAIN == 1) {
    store_weights();
  }
}
