// Generates steps of a small model, one after the other, each row inside one workgroup: an input is made of the last output,
// and goes through all layers.
//
//   for each step: what draw-class or feed-back, embedding, products, the cells, activation-forward and softmax-forward do one
//   dispatch after the other
//
// Shapes   layers: in their order   weights: those of all layers, one behind the other   draws [B]
//          states: h and c of each layer [capacity, units], the last outputs [capacity, outputs], and the last inputs
//          [capacity, window] if the window is more than the outputs
//          results [B, steps]: classes, or bits of the values that were fed back, [B, steps, outputs]
//          values: the window, the output of the last layer behind it, and what other layers have
// Threads  a workgroup owns a row. In products lanes of threads share the columns, and groups of lanes the terms of their sums;
//          else a thread has every THREADS-th unit
// Hazards  inputs, products, cells and the parts of a softmax are separated by barriers. A slot, a draw and results have one
//          owner: the workgroup
// Source   the kernels named above; sample-class.wgsl
override DRAWS: u32;   // 1: a class is drawn from the outputs and is the next input; 0: the outputs are, or move into a window

@group(0) @binding(0) var<storage, read> layers: array<LayerStep>;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read_write> states: array<f32>;
@group(0) @binding(3) var<storage, read_write> draws: array<Draw>;
@group(0) @binding(4) var<storage, read_write> results: array<u32>;

var<workgroup> shared_draw: Draw;

fn probability(first: u32, k: u32) -> f32 {
  return values[first + k];
}

// Numbers of a row in the states of streams, and in `values`.
struct Kept {
  value: u32,
  first_state: u32,   // position for slot 0
  size: u32,
}

// The n-th kind of numbers that a layer keeps: h, c, and of the network's first and last layer its input and output.
fn kept_by(it: LayerStep, n: u32, is_last: bool) -> Kept {
  switch (n) {
    case 0: { return Kept(0, it.input_states, select(0u, it.window, it.input_states != 0)); }
    case 1: { return Kept(it.output, it.h_states, select(0u, it.units, it.kind >= SIMPLE_RNN)); }
    case 2: { return Kept(it.c, it.c_states, select(0u, it.units, it.kind == LSTM)); }
    default: { return Kept(it.output, it.output_states, select(0u, it.units, is_last)); }
  }
}

// Loads the states of a row, or stores them.
fn move_states(slot: u32, stores: bool, thread: u32) {
  let count = arrayLength(&layers);
  for (var n = 0u; n < 4 * count; n++) {
    let kept = kept_by(layers[n / 4], n % 4, n / 4 + 1 == count);
    let first = kept.first_state + slot * kept.size;
    for (var k = thread; k < kept.size; k += THREADS) {
      if (stores) {
        states[first + k] = values[kept.value + k];
      } else {
        values[kept.value + k] = states[first + k];
      }
    }
  }
}

fn draw_next(draw: Draw, outputs: u32) {
  let class_drawn = sampled_class(draw, 0, outputs);
  drawn = class_drawn;
  results[draw.result] = class_drawn;
}

// The output lies behind the window of the last values, which moves on by it.
fn shift_window(window: u32, outputs: u32, result: u32, thread: u32) {
  for (var k = thread; k < outputs; k += THREADS) {
    results[result * outputs + k] = bitcast<u32>(values[window + k]);
  }
  for (var first = 0u; first < window; first += THREADS) {
    let k = first + thread;
    let value = values[min(k, window - 1) + outputs];
    workgroupBarrier();
    if (k < window) {
      values[k] = value;
    }
    workgroupBarrier();
  }
}

fn step_layer(it: LayerStep, thread: u32) {
  layer = it;
  if (it.kind != EMBEDDING) {
    multiply(thread);
    workgroupBarrier();
  }
  for (var unit = thread; unit < it.units; unit += THREADS) {
    update_unit(unit);
  }
  if (it.activation == SOFTMAX) {
    workgroupBarrier();
    normalize(thread);
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  if (thread == 0) {
    shared_draw = draws[row];
  }
  var draw = workgroupUniformLoad(&shared_draw);
  let slot = draw.slot;
  let steps = min(draw.dispatch_steps, draw.end_step - draw.step);
  if (steps == 0) {
    return;
  }
  let count = arrayLength(&layers);
  let window = layers[0].window;
  let outputs = layers[count - 1].units;
  move_states(slot, false, thread);
  for (var step = 0u; step < steps; step++) {
    workgroupBarrier();
    if (DRAWS == 0) {
      shift_window(window, outputs, draw.result, thread);
    } else if (thread == 0) {
      draw_next(draw, outputs);
    }
    draw.step += 1;
    draw.result += 1;
    for (var n = 0u; n < count; n++) {
      workgroupBarrier();
      step_layer(layers[n], thread);
    }
  }
  workgroupBarrier();
  move_states(slot, true, thread);
  if (thread == 0) {
    draws[row] = draw;
  }
}
