// Whole updates of a small model, one after the other inside one workgroup: an LSTM, a dense head on its last step, the
// loss, the way back and Adam. Weights, states of the steps and gradients stay in workgroup memory between updates.
//
//   for each update of the run: what batch-gather, state-gather, lstm-forward, matmul, binary-crossentropy or
//   regression-loss, metric, lstm-backward, weight-gradient, adam and state-scatter do one dispatch after the other
//
// Shapes   updates [>= run.count]   rows [updates * B]   samples [N, T, I]   targets [N, OUTPUTS]   states: h [capacity, H], and
//          from CELL_STATES on c   parameters: LSTM [I + 1 + H, H, 4], and from HEAD on dense [H + 1, OUTPUTS]   moments: m, and
//          from SECOND_MOMENTS on v   journal [capacity, COLUMNS]
// Threads  one workgroup; its threads share the elements of each phase
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
override HEAD: u32;
override SECOND_MOMENTS: u32;
override ONE_MINUS_BETA1: f32;
override ONE_MINUS_BETA2: f32;
override EPSILON: f32;
override THREADS: u32;

struct Run {
  count: u32,
}

// As `Frames` lays updates out, 256 bytes apart.
struct UpdateFrame {
  update: Update,
  padding: array<vec4u, 14>,
}

@group(0) @binding(0) var<uniform> run: Run;
@group(0) @binding(1) var<storage, read> updates: array<UpdateFrame>;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> samples: array<f32>;
@group(0) @binding(4) var<storage, read> targets: array<f32>;
@group(0) @binding(5) var<storage, read_write> states: array<f32>;
@group(0) @binding(6) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(7) var<storage, read_write> moments: array<f32>;
@group(0) @binding(8) var<storage, read_write> journal: array<f32>;

// The gates i, f, c, o of a unit stand together as a vector.
var<workgroup> weights: array<vec4f, (INPUTS + 1 + UNITS) * UNITS>;
var<workgroup> head: array<f32, (UNITS + 1) * OUTPUTS>;
var<workgroup> h: array<f32, (STEPS + 1) * ROWS * UNITS>;
var<workgroup> c: array<f32, (STEPS + 1) * ROWS * UNITS>;
var<workgroup> gates: array<vec4f, STEPS * ROWS * UNITS>;
var<workgroup> dc: array<f32, ROWS * UNITS>;
var<workgroup> output_gradient: array<f32, ROWS * OUTPUTS>;
var<workgroup> noted: array<vec2f, ROWS * OUTPUTS>;

fn load_weights(thread: u32) {
  for (var w = thread; w < (INPUTS + 1 + UNITS) * UNITS; w += THREADS) {
    weights[w] = vec4f(parameters[4 * w], parameters[4 * w + 1], parameters[4 * w + 2], parameters[4 * w + 3]);
  }
  for (var w = thread; w < (UNITS + 1) * OUTPUTS; w += THREADS) {
    head[w] = parameters[HEAD + w];
  }
}

fn store_weights(thread: u32) {
  for (var w = thread; w < (INPUTS + 1 + UNITS) * UNITS; w += THREADS) {
    for (var g = 0u; g < 4; g++) {
      parameters[4 * w + g] = weights[w][g];
    }
  }
  for (var w = thread; w < (UNITS + 1) * OUTPUTS; w += THREADS) {
    parameters[HEAD + w] = head[w];
  }
}

fn load_states(update: Update, thread: u32) {
  for (var e = thread; e < ROWS * UNITS; e += THREADS) {
    h[e] = 0.0;
    c[e] = 0.0;
    if (STATEFUL == 1 && e / UNITS < update.row_count) {
      let row = rows[update.first_row + e / UNITS];
      if (row.from_zero == 0) {
        let place = row.slot * UNITS + e % UNITS;
        h[e] = states[place];
        c[e] = states[CELL_STATES + place];
      }
    }
  }
}

fn store_states(update: Update, thread: u32) {
  let last = STEPS * ROWS * UNITS;
  for (var e = thread; e < update.row_count * UNITS; e += THREADS) {
    let place = rows[update.first_row + e / UNITS].slot * UNITS + e % UNITS;
    states[place] = h[last + e];
    states[CELL_STATES + place] = c[last + e];
  }
}

// Input number i of row b at step t; rows without a sample read 0.
fn input(update: Update, t: u32, b: u32, i: u32) -> f32 {
  if (b >= update.row_count) {
    return 0.0;
  }
  return samples[(rows[update.first_row + b].sample * STEPS + t) * INPUTS + i];
}

fn step_forward(update: Update, t: u32, thread: u32) {
  for (var e = thread; e < ROWS * UNITS; e += THREADS) {
    let b = e / UNITS;
    let unit = e % UNITS;
    var z = weights[INPUTS * UNITS + unit];
    for (var i = 0u; i < INPUTS; i++) {
      z += input(update, t, b, i) * weights[i * UNITS + unit];
    }
    let before = (t * ROWS + b) * UNITS;
    for (var k = 0u; k < UNITS; k++) {
      z += h[before + k] * weights[(INPUTS + 1 + k) * UNITS + unit];
    }
    let activated = vec4f(gate(z.x), gate(z.y), squash(z.z), gate(z.w));
    let new_c = activated.y * c[before + unit] + activated.x * activated.z;
    gates[before + unit] = activated;
    c[before + ROWS * UNITS + unit] = new_c;
    h[before + ROWS * UNITS + unit] = activated.w * squash(new_c);
  }
}

fn head_and_loss(update: Update, thread: u32) {
  let last = STEPS * ROWS * UNITS;
  let scale = 1.0 / f32(OUTPUTS * update.row_count);
  for (var e = thread; e < ROWS * OUTPUTS; e += THREADS) {
    let b = e / OUTPUTS;
    let output = e % OUTPUTS;
    noted[e] = vec2f();
    output_gradient[e] = 0.0;
    if (b < update.row_count) {
      var z = head[UNITS * OUTPUTS + output];
      for (var k = 0u; k < UNITS; k++) {
        z += h[last + b * UNITS + k] * head[k * OUTPUTS + output];
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

fn note(update: Update) {
  var sums = vec2f();
  for (var e = 0u; e < ROWS * OUTPUTS; e++) {
    sums += noted[e];
  }
  let place = update.journal_row * COLUMNS;
  journal[place] = sums.x / f32(OUTPUTS);
  if (COLUMNS > 1) {
    journal[place + 1] = sums.y / f32(OUTPUTS);
    journal[place + 2] = f32(update.row_count);
  }
}

fn step_backward(t: u32, thread: u32) {
  for (var e = thread; e < ROWS * UNITS; e += THREADS) {
    let b = e / UNITS;
    let unit = e % UNITS;
    let cell = (t * ROWS + b) * UNITS + unit;
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
    let i = gates[cell].x;
    let f = gates[cell].y;
    let g = gates[cell].z;
    let o = gates[cell].w;
    let squashed = squash(c[cell + ROWS * UNITS]);
    cell_gradient += dh * o * squash_slope(squashed);
    gates[cell] = vec4f(
      cell_gradient * g * gate_slope(i),
      cell_gradient * c[cell] * gate_slope(f),
      cell_gradient * i * squash_slope(g),
      dh * squashed * gate_slope(o));
    dc[e] = cell_gradient * f;
  }
}

// The new value of a parameter.
fn adam(index: u32, value: f32, slope: f32, step_size: f32) -> f32 {
  let m = moments[index] + (slope - moments[index]) * ONE_MINUS_BETA1;
  let v = moments[SECOND_MOMENTS + index] + (slope * slope - moments[SECOND_MOMENTS + index]) * ONE_MINUS_BETA2;
  moments[index] = m;
  moments[SECOND_MOMENTS + index] = v;
  return value - step_size * m / (sqrt(v) + EPSILON);
}

fn optimize(update: Update, thread: u32) {
  for (var w = thread; w < (INPUTS + 1 + UNITS) * UNITS; w += THREADS) {
    let row = w / UNITS;
    let unit = w % UNITS;
    var slope = vec4f();
    for (var n = 0u; n < STEPS * ROWS; n++) {
      var factor = 1.0;
      if (row < INPUTS) {
        factor = input(update, n / ROWS, n % ROWS, row);
      } else if (row > INPUTS) {
        factor = h[n * UNITS + row - INPUTS - 1];
      }
      slope += factor * gates[n * UNITS + unit];
    }
    for (var g = 0u; g < 4; g++) {
      weights[w][g] = adam(4 * w + g, weights[w][g], slope[g], update.step_size);
    }
  }
  let last = STEPS * ROWS * UNITS;
  for (var w = thread; w < (UNITS + 1) * OUTPUTS; w += THREADS) {
    let row = w / OUTPUTS;
    var slope = 0.0;
    for (var b = 0u; b < ROWS; b++) {
      var factor = 1.0;
      if (row < UNITS) {
        factor = h[last + b * UNITS + row];
      }
      slope += factor * output_gradient[b * OUTPUTS + w % OUTPUTS];
    }
    head[w] = adam(HEAD + w, head[w], slope, update.step_size);
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  load_weights(thread);
  for (var k = 0u; k < run.count; k++) {
    let update = updates[k].update;
    load_states(update, thread);
    workgroupBarrier();
    for (var t = 0u; t < STEPS; t++) {
      step_forward(update, t, thread);
      workgroupBarrier();
    }
    head_and_loss(update, thread);
    workgroupBarrier();
    if (thread == 0) {
      note(update);
    }
    if (STATEFUL == 1) {
      store_states(update, thread);
    }
    if (TRAIN == 1) {
      for (var t = STEPS; t > 0; t--) {
        step_backward(t - 1, thread);
        workgroupBarrier();
      }
      optimize(update, thread);
    }
    // The next update reads weights and slots that other threads wrote, and overwrites what they may still read.
    workgroupBarrier();
    storageBarrier();
  }
  if (TRAIN == 1) {
    store_weights(thread);
  }
}
