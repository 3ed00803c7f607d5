// Runs whole updates of small models, one after the other, each model inside one workgroup: an LSTM, a dense head on its last
// step, the loss, the backward pass and Adam. Persistent weights stay with their threads, all else is in workgroup memory.
//
//   for each update of the run: what batch-gather, state-gather, lstm-forward, product-register-tiled, activation-forward,
//   binary-crossentropy or regression-loss, metric, activation-backward, lstm-backward, adam and state-scatter do one dispatch
//   after the other
//
// Shapes   M models, MODELS_PER_WORKGROUP a workgroup   updates [>= run.count, run.entries], 1 or M entries   rows: as many
//          for each entry as its batch has, unless entries share them
//          samples [N, T, I]   targets [N, OUTPUTS]   states [M]: h [capacity, H], and from CELL_STATES on c; STATES numbers
//          a model   parameters [M]: LSTM [I + 1 + H, H, 4], and from HEAD on dense [H + 1, OUTPUTS]; PARAMETERS numbers a
//          model   moments [M]: m and v, as parameters each   journal [capacity, M, COLUMNS]
// Threads  THREADS_PER_MODEL a model. UNIT_LANES threads stand side by side, each for every UNIT_LANES-th unit. Where there
//          are more threads than units, SPLITS of them share a unit: in the forward and backward pass they divide the rows of
//          the batch among them, in the optimizer the weights. What a thread computes for a unit or a weight beyond the last
//          is discarded
// Hazards  phases and time steps are separated by barriers; within one, an element has one owner. In the backward loop dz
//          replaces the gates it came from. A slot is read and written by the owner of the same unit
// Source   the kernels named above; keras/src/optimizers/adam.py
override ROWS: u32;
override STEPS: u32;
override INPUTS: u32;
override UNITS: u32;
override OUTPUTS: u32;
override TRAIN: u32;
override STATEFUL: u32;
override LOSS: u32;
override HEAD_ACTIVATION: u32;      // activation of the head, LINEAR where the loss is computed from logits
override COLUMNS: u32;              // columns of the journal: 3 or more with a metric and its weight behind the loss
override CELL_STATES: u32;          // offset of c in the states of a model
override STATES: u32;               // elements of the states of a model
override HEAD: u32;                 // offset of the head in the parameters of a model
override PARAMETERS: u32;           // elements of the parameters of a model
override MODELS_PER_WORKGROUP: u32;
override PARTIALS_PER_THREAD: u32;  // partial sums of dh
override EXCHANGED_UNITS: u32;      // UNITS where threads exchange partial sums of dh, 0 where they read published weights

override XH_SIZE = INPUTS + 1 + UNITS;
override CELLS = ROWS * UNITS;
override POSITIONS = STEPS * ROWS;
// dh is reduced over a number of partial sums that is the same for 1, 2 and 4 threads, which so give identical bits.
override PARTIALS = THREADS_PER_MODEL * PARTIALS_PER_THREAD;

struct Run {
  count: u32,
  entries: u32,       // entries of an update: 1 if it is the same for all models, else one for each of them
}

// An entry of the agenda: the rows of one update and the numbers of its optimizer step.
struct ResidentUpdate {
  first_row: u32,     // index of the update's first row
  row_count: u32,     // how many rows have a sample; the rows after them are padding
  first_slot: u32,    // the slot that the first row continues; the others continue those behind it
  journal_row: u32,   // row of the journal that takes the update's loss and metrics
  step_size: f32,     // the learning rate times Adam's bias correction
  one_minus_beta1: f32, // Adam's numbers
  one_minus_beta2: f32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> run: Run;
@group(0) @binding(1) var<storage, read> updates: array<ResidentUpdate>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read> samples: array<f32>;
@group(0) @binding(4) var<storage, read> targets: array<f32>;
@group(0) @binding(5) var<storage, read_write> states: array<f32>;
@group(0) @binding(6) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(7) var<storage, read_write> moments: array<f32>;
@group(0) @binding(8) var<storage, read_write> journal: array<f32>;

// Indices of the invocation. In all files of this kernel a value that is used twice is loaded once into a `let`, since
// compilers of software adapters do not merge loads.
var<private> thread: u32;  // index of the thread among those of its model
var<private> split: u32;   // index of the thread among those that share its unit
var<private> model: u32;   // index of the model among all models

fn assign_thread(local: u32, first_model: u32) {
  own_workspace = local / THREADS_PER_MODEL;
  thread = local % THREADS_PER_MODEL;
  split = thread / UNIT_LANES;
  model = first_model + workspace();
}

// Whether any model of the workgroup still trains: a model that has stopped gets updates without rows.
fn has_rows(first_model: u32) -> bool {
  var row_count = 0u;
  for (var n = 0u; n < MODELS_PER_WORKGROUP; n++) {
    row_count += updates[(first_model + n) % run.entries].row_count;
  }
  return row_count != 0;
}

fn separate_updates() {
  // The next update overwrites workgroup memory that other threads may still be reading.
  workgroupBarrier();
  // Where threads share a unit, the slot that this thread has stored may be loaded by another thread in the next update.
  if (ROWS > 1 && SPLITS > 1) {
    storageBarrier();
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let models = groups.x * MODELS_PER_WORKGROUP;
  let first_model = group.x * MODELS_PER_WORKGROUP;
  if (!has_rows(first_model)) {
    return;
  }
  assign_thread(local, first_model);
  load_weights();
  load_ones();
  let entry = model % run.entries;
  for (var k = 0u; k < run.count; k++) {
    let update = updates[k * run.entries + entry];
    publish_weights();
    load_inputs(update);
    load_states(update);
    workgroupBarrier();
    forward(update);
    if (thread == 0) {
      write_journal(update, models);
    }
    if (STATEFUL == 1) {
      store_states(update);
    }
    if (TRAIN == 1) {
      backward();
      optimize(update);
    }
    separate_updates();
  }
  if (TRAIN == 1) {
    store_weights();
  }
}
