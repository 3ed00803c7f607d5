// The forward pass: the LSTM step by step, the dense head on its last step, loss and metric.

fn forward(update: ResidentUpdate) {
  for (var t = 0u; t < STEPS; t++) {
    step_forward(t);
    workgroupBarrier();
  }
  head_and_loss(update);
  workgroupBarrier();
}

fn step_forward(t: u32) {
  for (var row = split; row < ROWS; row += SPLITS) {
    let position = t * ROWS + row;
    let z = own_preactivations(position);
    for (var n = 0u; n < UNITS_PER_THREAD; n++) {
      let unit = own_unit(n);
      if (unit < UNITS) {
        cell_forward(position, unit, z[n]);
      }
    }
  }
}

// Pre-activations of the gates of a thread's units. A thread that has all weights of its units takes its private copies; one
// that shares its unit with other threads takes the weights that these have published in workgroup memory.
fn own_preactivations(position: u32) -> array<vec4f, UNITS_PER_THREAD> {
  var z: array<vec4f, UNITS_PER_THREAD>;
  if (SPLITS == 1) {
    let xh = own_xh(position);
    for (var n = 0u; n < UNITS_PER_THREAD; n++) { // unrolled
      var sum = vec4f();
      for (var i = 0u; i < XH_PER_THREAD; i++) { // unrolled
        sum += xh[i] * weights[n * XH_PER_THREAD + i];
      }
      z[n] = sum;
    }
  } else {
    var sum = vec4f();
    for (var index = 0u; index < XH_SIZE; index++) {
      sum += load_xh(position, index) * load_lstm_weight(index, own_unit(0));
    }
    z[0] = sum;
  }
  return z;
}

// Updates a cell by the formulas of lstm/lstm-cell.wgsl. They are repeated here because calling the functions of that file made
// updates of 64 models 15 % slower on a software adapter.
fn cell_forward(position: u32, unit: u32, z: vec4f) {
  let cell = position * UNITS + unit;
  let i = recurrent_activation(z.x);
  let f = recurrent_activation(z.y);
  let candidate = activation(z.z);
  let o = recurrent_activation(z.w);
  let new_c = f * load_c(cell) + i * candidate;
  store_gates(cell, vec4f(i, f, candidate, o));
  store_c(cell + CELLS, new_c);
  store_h(position + ROWS, unit, o * activation(new_c));
}

// Numbers of the losses: positions in `RESIDENT_LOSSES` (models/execution/resident/resident-model.ts).
const SQUARED_ERROR = 0u;
const CROSSENTROPY_OF_LOGIT = 1u;
const CROSSENTROPY_OF_PROBABILITY = 2u;

// The loss of an output, with its derivative by that output.
fn loss_of(output: f32, y: f32) -> OutputLoss {
  switch (LOSS) {
    case CROSSENTROPY_OF_LOGIT: { return crossentropy_of_logit(output, y); }
    case CROSSENTROPY_OF_PROBABILITY: { return crossentropy_of_probability(output, y); }
    default: { return OutputLoss((output - y) * (output - y), output, 2.0 * (output - y)); }
  }
}

fn head_and_loss(update: ResidentUpdate) {
  let scale = 1.0 / f32(OUTPUTS * update.row_count);
  for (var e = thread; e < ROWS * OUTPUTS; e += THREADS_PER_MODEL) {
    let row = e / OUTPUTS;
    let output = e % OUTPUTS;
    workspaces[workspace()].scores[e] = vec2f();
    workspaces[workspace()].output_gradient[e] = 0.0;
    if (row < update.row_count) {
      var z = load_head_weight(UNITS, output);
      for (var unit = 0u; unit < UNITS; unit++) {
        z += last_h(row, unit) * load_head_weight(unit, output);
      }
      let y = targets[sample_of(update, row) * OUTPUTS + output];
      let activated = activate(HEAD_ACTIVATION, z);
      let result = loss_of(activated, y);
      workspaces[workspace()].scores[e] = vec2f(result.loss, metric(result.prediction, y));
      var dz = result.derivative * scale;
      if (HEAD_ACTIVATION != LINEAR) {
        dz *= activation_derivative(HEAD_ACTIVATION, activated);
      }
      workspaces[workspace()].output_gradient[e] = dz;
    }
  }
}

// The loss and the metric of the batch, as sums over its rows and means over the outputs.
fn write_journal(update: ResidentUpdate, models: u32) {
  var sums = vec2f();
  for (var e = 0u; e < ROWS * OUTPUTS; e++) {
    sums += workspaces[workspace()].scores[e];
  }
  let entry = (update.journal_row * models + model) * COLUMNS;
  journal[entry] = sums.x / f32(OUTPUTS);
  if (COLUMNS > 2) {
    journal[entry + 1] = sums.y / f32(OUTPUTS);
    journal[entry + 2] = f32(update.row_count);
  }
}
