// Workgroup memory, one workspace a model, and how the threads of a model reach theirs. A position is a time step and a row
// of the batch, a cell is a unit at a position: position = t * ROWS + row, cell = position * UNITS + unit.
struct Workspace {
  // The concatenated input [x, 1, h] at each position, with h from before the step; behind the last step, its h.
  xh: array<f32, (STEPS + 1) * ROWS * XH_SIZE>,
  // c before each step, and behind the last one.
  c: array<f32, (STEPS + 1) * CELLS>,
  // The gates i, f, c, o of each cell after their activations; the backward pass replaces them by their gradients dz.
  gates: array<vec4f, STEPS * CELLS>,
  // Gradient of c between two steps of backpropagation through time.
  dc: array<f32, CELLS>,
  // Partial sums of dh: PARTIALS for each row, each with all units. Consecutive steps alternate between two buffers.
  dh_partials: array<f32, max(1, 2 * ROWS * PARTIALS * EXCHANGED_UNITS)>,
  output_gradient: array<f32, ROWS * OUTPUTS>,
  // Loss and metric of each output.
  scores: array<vec2f, ROWS * OUTPUTS>,
  weights: PublishedWeights,
}

var<workgroup> workspaces: array<Workspace, MODELS_PER_WORKGROUP>;

// Index of the workspace of the thread's model.
var<private> own_workspace: u32;

// The same index, but a constant where a workgroup has one model, so that addresses are known at compile time.
fn workspace() -> u32 {
  if (MODELS_PER_WORKGROUP == 1) {
    return 0;
  }
  return own_workspace;
}

fn load_xh(position: u32, index: u32) -> f32 {
  return workspaces[workspace()].xh[position * XH_SIZE + index];
}

fn store_xh(position: u32, index: u32, value: f32) {
  workspaces[workspace()].xh[position * XH_SIZE + index] = value;
}

// Loads h as it is before the step of a position, which is h after the step of the position ROWS earlier.
fn load_h(position: u32, unit: u32) -> f32 {
  return load_xh(position, INPUTS + 1 + unit);
}

fn store_h(position: u32, unit: u32, value: f32) {
  store_xh(position, INPUTS + 1 + unit, value);
}

// Loads h of a row as it is after the last step.
fn last_h(row: u32, unit: u32) -> f32 {
  return load_h(STEPS * ROWS + row, unit);
}

fn load_c(cell: u32) -> f32 {
  return workspaces[workspace()].c[cell];
}

fn store_c(cell: u32, value: f32) {
  workspaces[workspace()].c[cell] = value;
}

fn load_gates(cell: u32) -> vec4f {
  return workspaces[workspace()].gates[cell];
}

fn store_gates(cell: u32, gates: vec4f) {
  workspaces[workspace()].gates[cell] = gates;
}

fn load_output_gradient(row: u32, output: u32) -> f32 {
  return workspaces[workspace()].output_gradient[row * OUTPUTS + output];
}

fn load_lstm_weight(index: u32, unit: u32) -> vec4f {
  return workspaces[workspace()].weights.lstm[index * UNITS + unit];
}

fn load_head_weight(unit: u32, output: u32) -> f32 {
  return workspaces[workspace()].weights.head[unit * OUTPUTS + output];
}
