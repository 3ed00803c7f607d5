// A step of a layer for one row, inside one workgroup. All layers read and write `values` in workgroup memory: inputs, outputs,
// and c of LSTMs. The output of a recurrent layer is its h, which stays there from step to step.
override THREADS: u32;
override VALUES: u32;   // elements of `values`
override SUMS: u32;     // elements of `sums`: the most that a layer needs

// Numbers of the kinds of layers: positions in `LAYER_KINDS` (layer-step.ts).
const EMBEDDING = 0u;
const DENSE = 1u;
const SIMPLE_RNN = 2u;
const LSTM = 3u;
const GRU = 4u;          // the reset gate multiplies the recurrent product (reset after)

// The number of a softmax, which follows those of prelude/activations.wgsl.
const SOFTMAX = 9u;

// A thread adds up so many columns at once, so that it loads each factor once for all of them.
const TILE_COLUMNS = 4u;

// A layer: the shape of its weights, [kernel, bias, for a GRU recurrent bias, recurrent kernel], and where its numbers lie.
struct LayerStep {
  kind: u32,
  units: u32,
  columns: u32,              // columns of the weights
  inputs: u32,               // rows of the kernel
  takes_class: u32,          // 1: the input is one-hot, so its product is the row of the kernel that the class has
  lanes: u32,                // threads that share the columns; THREADS / lanes groups of them share the rows
  weights: u32,              // position of the first weight
  input: u32,                // position of the input in `values`
  output: u32,               // position of the output in `values`
  c: u32,                    // position of c in `values`
  h_states: u32,             // position of h of slot 0 in the states of streams
  c_states: u32,
  window: u32,               // of the first layer: size of the window of values; 0 where classes are drawn
  input_states: u32,         // of the first layer: position of the last input of slot 0
  output_states: u32,        // of the last layer: position of the last output of slot 0
  activation: u32,
  recurrent_activation: u32,
}

var<workgroup> values: array<f32, VALUES>;
// Partial sums of each group of lanes: [groups, columns], and behind them those of the recurrent product of a GRU.
var<workgroup> sums: array<f32, SUMS>;
// The class that was drawn last.
var<workgroup> drawn: u32;

// The layer that the thread computes.
var<private> layer: LayerStep;

fn tile_of_weights(row: u32, columns: vec4u) -> vec4f {
  let at = layer.weights + row * layer.columns + columns;
  return vec4f(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
}

// Adds the product of a group's share of `count` factors and the rows of the weights from first_row on.
fn plus_product(tile: vec4f, factors: u32, count: u32, first_row: u32, columns: vec4u, group: u32) -> vec4f {
  let groups = THREADS / layer.lanes;
  let first = group * count / groups;
  let rounds = (group + 1) * count / groups - first;
  let width = layer.columns;
  var total = tile;
  var at = layer.weights + (first_row + first) * width + columns;
  for (var n = 0u; n < rounds; n++) {
    total = fma(vec4f(values[factors + first + n]), vec4f(weights[at.x], weights[at.y], weights[at.z], weights[at.w]), total);
    at += vec4u(width);
  }
  return total;
}

// Stores sums of a group; columns beyond the last are those of no unit.
fn store_sums(tile: vec4f, first_sum: u32, column: u32) {
  for (var n = 0u; n < TILE_COLUMNS; n++) {
    let own = column + n * layer.lanes;
    if (own < layer.columns) {
      sums[first_sum + own] = tile[n];
    }
  }
}

// Whether a part of the products, 0 of the input and 1 of h, has a bias, and sums of its own.
fn is_apart(part: u32) -> bool {
  return part == 0 || layer.kind == GRU;
}

// The sums of a tile of columns over the terms of a group. Loops keep the code short, since compiling it takes long.
fn multiply_tile(column: u32, group: u32) {
  let columns = min(vec4u(column) + layer.lanes * vec4u(0, 1, 2, 3), vec4u(layer.columns - 1));
  let parts = select(2u, 1u, layer.kind == DENSE);
  var tile = vec4f();
  for (var part = 0u; part < parts; part++) {
    if (group == 0 && is_apart(part)) {
      tile += tile_of_weights(layer.inputs + part, columns);
    }
    let takes_class = part == 0 && layer.takes_class == 1;
    if (takes_class && group == 0 && drawn < layer.inputs) {
      tile += tile_of_weights(drawn, columns);
    }
    let count = select(select(layer.inputs, 0u, takes_class), layer.units, part == 1);
    let first_row = select(0u, layer.inputs + select(1u, 2u, layer.kind == GRU), part == 1);
    tile = plus_product(tile, select(layer.input, layer.output, part == 1), count, first_row, columns, group);
    if (part + 1 == parts || layer.kind == GRU) {
      let first_group = group + select(0u, THREADS / layer.lanes, layer.kind == GRU && part == 1);
      store_sums(tile, first_group * layer.columns, column);
      tile = vec4f();
    }
  }
}

// The products of the layer with its weights, and its biases.
fn multiply(thread: u32) {
  let group = thread / layer.lanes;
  if (group >= THREADS / layer.lanes) {
    return;
  }
  for (var column = thread % layer.lanes; column < layer.columns; column += TILE_COLUMNS * layer.lanes) {
    multiply_tile(column, group);
  }
}

// The sum of a column over groups; behind all groups come those of the recurrent product of a GRU.
fn sum_of(column: u32, first_group: u32, end_group: u32) -> f32 {
  var total = 0.0;
  for (var group = first_group; group < end_group; group++) {
    total += sums[group * layer.columns + column];
  }
  return total;
}

// The gates of a unit: i, f, candidate, o of an LSTM, z and r of a GRU.
fn gates_of(unit: u32, groups: u32) -> vec4f {
  let is_lstm = layer.kind == LSTM;
  let count = select(select(0u, 2u, layer.kind == GRU), 4u, is_lstm);
  var gates = vec4f();
  for (var n = 0u; n < count; n++) {
    let column = select(n * layer.units + unit, 4 * unit + n, is_lstm);
    let code = select(layer.recurrent_activation, layer.activation, is_lstm && n == 2);
    gates[n] = activate(code, sum_of(column, 0, select(2 * groups, groups, is_lstm)));
  }
  return gates;
}

// Computes what a unit gives once all products are there.
fn update_unit(unit: u32) {
  if (layer.kind == EMBEDDING) {
    values[layer.output + unit] = weights[layer.weights + min(drawn, layer.inputs - 1) * layer.units + unit];
    return;
  }
  let groups = THREADS / layer.lanes;
  let gates = gates_of(unit, groups);
  var z = 0.0;
  if (layer.kind == LSTM) {
    z = gates.y * values[layer.c + unit] + gates.x * gates.z;
    values[layer.c + unit] = z;
  } else {
    let column = select(unit, 2 * layer.units + unit, layer.kind == GRU);
    z = sum_of(column, 0, groups);
    if (layer.kind == GRU) {
      z += gates.y * sum_of(column, groups, 2 * groups);
    }
  }
  var output = activate(layer.activation, z);
  if (layer.kind == LSTM) {
    output *= gates.w;
  }
  if (layer.kind == GRU) {
    output = gates.x * values[layer.output + unit] + (1.0 - gates.x) * output;
  }
  values[layer.output + unit] = output;
}

// A softmax of the outputs, whose sums every thread adds up in the same order as softmax-forward.
fn normalize(thread: u32) {
  var largest = values[layer.output];
  for (var unit = 1u; unit < layer.units; unit++) {
    largest = max(largest, values[layer.output + unit]);
  }
  for (var unit = thread; unit < layer.units; unit += THREADS) {
    sums[unit] = exp(values[layer.output + unit] - largest);
  }
  workgroupBarrier();
  var sum = 0.0;
  for (var unit = 0u; unit < layer.units; unit++) {
    sum += sums[unit];
  }
  for (var unit = thread; unit < layer.units; unit += THREADS) {
    values[layer.output + unit] = sums[unit] / sum;
  }
}
