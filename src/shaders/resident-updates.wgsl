// Whole updates of small models, one after the other, each model inside one workgroup: an LSTM, a dense head on its last
// step, the loss, the way back and Adam. Weights, states of the steps and gradients stay in workgroup memory.
//
//   for each update of the run: what batch-gather, state-gather, lstm-forward, product-registers, binary-crossentropy or
//   regression-loss, metric, lstm-backward, adam and state-scatter do one dispatch after the other
//
// Shapes   M models, a workgroup each   updates [>= run.count, M]   rows [updates * M * B]   samples [N, T, I]
//          targets [N, OUTPUTS]   states [M]: h [capacity, H], and from CELL_STATES on c; STATES numbers a model
//          parameters [M]: LSTM [I + 1 + H, H, 4], and from HEAD on dense [H + 1, OUTPUTS]; PARAMETERS numbers a model
//          moments [M]: m and v, as parameters each   journal [capacity, M, COLUMNS]
// Threads  one workgroup a model; its threads share the elements of each phase
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
override THREADS: u32;

override JOINED = INPUTS + 1 + UNITS;
override CELLS = ROWS * UNITS;
override WEIGHTS = JOINED * UNITS;

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
@group(0) @binding(7) var<storage, read_write> moments: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> journal: array<f32>;

// The gates i, f, c, o of a unit stand together as a vector.
var<workgroup> weights: array<vec4f, WEIGHTS>;
var<workgroup> head: array<f32, (UNITS + 1) * OUTPUTS>;
// Of each step and row what the weights are multiplied with: the input, 1, and h of the step before.
var<workgroup> joined: array<f32, (STEPS + 1) * ROWS * JOINED>;
var<workgroup> c: array<f32, (STEPS + 1) * CELLS>;
var<workgroup> gates: array<vec4f, STEPS * CELLS>;
var<workgroup> dc: array<f32, CELLS>;
var<workgroup> output_gradient: array<f32, ROWS * OUTPUTS>;
var<workgroup> noted: array<vec2f, ROWS * OUTPUTS>;

// Whatever is read twice is read once into a `let`: a compiler without optimizations reads it twice.
var<private> thread: u32;
var<private> model: u32;

fn load_weights() {
  let first = model * PARAMETERS;
  for (var w = thread; w < WEIGHTS; w += THREADS) {
    let at = first + 4 * w;
    weights[w] = vec4f(parameters[at], parameters[at + 1], parameters[at + 2], parameters[at + 3]);
  }
  for (var w = thread; w < (UNITS + 1) * OUTPUTS; w += THREADS) {
    head[w] = parameters[first + HEAD + w];
  }
  for (var n = thread; n < (STEPS + 1) * ROWS; n += THREADS) {
    joined[n * JOINED + INPUTS] = 1.0;
  }
}

fn store_weights() {
  let first = model * PARAMETERS;
  for (var w = thread; w < WEIGHTS; w += THREADS) {
    for (var g = 0u; g < 4; g++) {
      parameters[first + 4 * w + g] = weights[w][g];
    }
  }
  for (var w = thread; w < (UNITS + 1) * OUTPUTS; w += THREADS) {
    parameters[first + HEAD + w] = head[w];
  }
}

// Rows without a sample read 0.
fn load_inputs(update: Update) {
  for (var e = thread; e < ROWS * STEPS * INPUTS; e += THREADS) {
    let b = e / (STEPS * INPUTS);
    let place = e % (STEPS * INPUTS);
    var x = 0.0;
    if (b < update.row_count) {
      x = samples[rows[update.first_row + b].sample * STEPS * INPUTS + place];
    }
    joined[(place / INPUTS * ROWS + b) * JOINED + place % INPUTS] = x;
  }
}

fn load_states(update: Update) {
  for (var e = thread; e < CELLS; e += THREADS) {
    let b = e / UNITS;
    var h_before = 0.0;
    var c_before = 0.0;
    if (STATEFUL == 1 && b < update.row_count) {
      let row = rows[update.first_row + b];
      if (row.from_zero == 0) {
        let place = model * STATES + row.slot * UNITS + e % UNITS;
        h_before = states[place];
        c_before = states[CELL_STATES + place];
      }
    }
    joined[b * JOINED + INPUTS + 1 + e % UNITS] = h_before;
    c[e] = c_before;
  }
}

fn store_states(update: Update) {
  for (var e = thread; e < update.row_count * UNITS; e += THREADS) {
    let b = e / UNITS;
    let place = model * STATES + rows[update.first_row + b].slot * UNITS + e % UNITS;
    states[place] = last_h(b, e % UNITS);
    states[CELL_STATES + place] = c[STEPS * CELLS + e];
  }
}

fn last_h(b: u32, unit: u32) -> f32 {
  return joined[(STEPS * ROWS + b) * JOINED + INPUTS + 1 + unit];
}

fn step_forward(t: u32) {
  for (var e = thread; e < CELLS; e += THREADS) {
    let n = t * ROWS + e / UNITS;
    let unit = e % UNITS;
    var z = vec4f();
    for (var k = 0u; k < JOINED; k++) {
      z += joined[n * JOINED + k] * weights[k * UNITS + unit];
    }
    let activated = vec4f(gate(z.x), gate(z.y), squash(z.z), gate(z.w));
    let cell = t * CELLS + e;
    let new_c = activated.y * c[cell] + activated.x * activated.z;
    gates[cell] = activated;
    c[cell + CELLS] = new_c;
    joined[(n + ROWS) * JOINED + INPUTS + 1 + unit] = activated.w * squash(new_c);
  }
}

fn head_and_loss(update: Update) {
  let scale = 1.0 / f32(OUTPUTS * update.row_count);
  for (var e = thread; e < ROWS * OUTPUTS; e += THREADS) {
    let b = e / OUTPUTS;
    let output = e % OUTPUTS;
    noted[e] = vec2f();
    output_gradient[e] = 0.0;
    if (b < update.row_count) {
      var z = head[UNITS * OUTPUTS + output];
      for (var k = 0u; k < UNITS; k++) {
        z += last_h(b, k) * head[k * OUTPUTS + output];
      }
      let y = targets[rows[update.first_row + b].sample * OUTPUTS + output];
      var at = LossAt((z - y) * (z - y), z, 2.0 * (z - y));
      if (FROM_LOGITS == 1) {
        at = crossentropy_of_logit(z, y);
      }
      noted[e] = vec2f(at.loss, metric(at.prediction, y));
      output_gradient[e] = at.slope * scale;
    }
  }
}

fn note(update: Update, models: u32) {
  var sums = vec2f();
  for (var e = 0u; e < ROWS * OUTPUTS; e++) {
    sums += noted[e];
  }
  let place = (update.journal_row * models + model) * COLUMNS;
  journal[place] = sums.x / f32(OUTPUTS);
  if (COLUMNS > 1) {
    journal[place + 1] = sums.y / f32(OUTPUTS);
    journal[place + 2] = f32(update.row_count);
  }
}

fn step_backward(t: u32) {
  for (var e = thread; e < CELLS; e += THREADS) {
    let b = e / UNITS;
    let unit = e % UNITS;
    let cell = t * CELLS + e;
    var dh = 0.0;
    var cell_gradient = 0.0;
    if (t + 1 == STEPS) {
      for (var output = 0u; output < OUTPUTS; output++) {
        dh += output_gradient[b * OUTPUTS + output] * head[unit * OUTPUTS + output];
      }
    } else {
      cell_gradient = dc[e];
      let after = ((t + 1) * ROWS + b) * UNITS;
      for (var k = 0u; k < UNITS; k++) {
        dh += dot(gates[after + k], weights[(INPUTS + 1 + unit) * UNITS + k]);
      }
    }
    let activated = gates[cell];
    let squashed = squash(c[cell + CELLS]);
    cell_gradient += dh * activated.w * squash_slope(squashed);
    gates[cell] = vec4f(
      cell_gradient * activated.z * gate_slope(activated.x),
      cell_gradient * c[cell] * gate_slope(activated.y),
      cell_gradient * activated.x * squash_slope(activated.z),
      dh * squashed * gate_slope(activated.w));
    dc[e] = cell_gradient * activated.y;
  }
}

// The new value of four parameters that stand together: number `index` of such.
fn adam(index: u32, value: vec4f, slope: vec4f, update: Update) -> vec4f {
  let first = 2 * model * (PARAMETERS / 4) + index;
  let second = first + PARAMETERS / 4;
  let m_before = moments[first];
  let v_before = moments[second];
  let m = m_before + (slope - m_before) * update.one_minus_beta1;
  let v = v_before + (slope * slope - v_before) * update.one_minus_beta2;
  moments[first] = m;
  moments[second] = v;
  return value - update.step_size * m / (sqrt(v) + update.epsilon);
}

fn optimize(update: Update) {
  // Counted up, since a division takes long.
  var row = thread / UNITS;
  var unit = thread % UNITS;
  for (var w = thread; w < WEIGHTS; w += THREADS) {
    var slope = joined[row] * gates[unit];
    for (var n = 1u; n < STEPS * ROWS; n++) {
      slope += joined[n * JOINED + row] * gates[n * UNITS + unit];
    }
    weights[w] = adam(w, weights[w], slope, update);

    unit += THREADS % UNITS;
    let is_next_row = unit >= UNITS;
    row += THREADS / UNITS + u32(is_next_row);
    unit = select(unit, unit - UNITS, is_next_row);
  }
}

fn optimize_head(update: Update) {
  for (var first = 4 * thread; first < (UNITS + 1) * OUTPUTS; first += 4 * THREADS) {
    let size = min(4, (UNITS + 1) * OUTPUTS - first);
    var values = vec4f();
    var slopes = vec4f();
    for (var e = 0u; e < size; e++) {
      let unit = (first + e) / OUTPUTS;
      values[e] = head[first + e];
      for (var b = 0u; b < ROWS; b++) {
        slopes[e] += select(1.0, last_h(b, unit), unit < UNITS) * output_gradient[b * OUTPUTS + (first + e) % OUTPUTS];
      }
    }
    values = adam((HEAD + first) / 4, values, slopes, update);
    for (var e = 0u; e < size; e++) {
      head[first + e] = values[e];
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  thread = local;
  model = group.x;
  load_weights();
  for (var k = 0u; k < run.count; k++) {
    let update = updates[k * groups.x + model];
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
      note(update, groups.x);
    }
    if (STATEFUL == 1) {
      store_states(update);
    }
    if (TRAIN == 1) {
      for (var t = STEPS; t > 0; t--) {
        step_backward(t - 1);
        workgroupBarrier();
      }
      optimize(update);
      optimize_head(update);
    }
    // The next update reads weights that other threads wrote, and overwrites what they may still read.
    workgroupBarrier();
    // With one row the owner of a unit of a slot is always the same.
    if (ROWS > 1) {
      storageBarrier();
    }
  }
  if (TRAIN == 1) {
    store_weights();
  }
}
