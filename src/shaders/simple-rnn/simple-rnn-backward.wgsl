// Computes time steps of the backward pass of a simple recurrent layer: from the gradient of its outputs to that of its
// pre-activations z.
//
//   dh = output_gradient[t] + dz[t + 1] · recurrent kernelᵀ      dz = dh * activation'(h[t + 1])
//   with RECURRENT_DROPOUT gradients through the kernel are multiplied by the dropout mask
//
// Shapes   weights [I + 1 + H, H]   h [T + 1, B, H] as saved by the forward pass   mask [T, B]
//          output_gradient [T, B, H], or [B, H] without RETURN_SEQUENCES   dz [T, B, H]   carry [2, B, H], or [1 + 2, B, H]
//          BACKWARDS: dz and mask are in the order of the input, all else in the order of processing
// Threads  one workgroup in y per row; the workgroups in x and their threads share its units. A dispatch of several steps
//          needs a single workgroup in x
// Hazards  a step reads the whole dz of the step after it, behind a barrier within a dispatch or in a later dispatch.
//          carry is read and written by one invocation
// Source   back-propagation through time of simple-rnn-forward.wgsl
override ACTIVATION: u32;

@group(0) @binding(0) var<uniform> chunk: TimeChunk;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read> h: array<f32>;
@group(0) @binding(4) var<storage, read> output_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> dz: array<f32>;
@group(0) @binding(6) var<storage, read_write> carry: array<f32>;

const GATES = 1u;

fn update_gradient(t: u32, row: u32, unit: u32) {
  let time = input_step(t);
  let index = (time * ROWS + row) * UNITS + unit;
  var dh = 0.0;
  if (MASKED == 1) {
    dh = carried(BYPASS, t, row, unit);
  }
  if (is_continued(t, row)) {
    let next_row = (input_step(t + 1) * ROWS + row) * UNITS;
    let weight_row = (RECURRENT_ROW + unit) * UNITS;
    var sum = 0.0;
    for (var k = 0u; k < UNITS; k++) {
      sum += dz[next_row + k] * weights[weight_row + k];
    }
    dh += dropout_factor(0, row, unit) * sum;
  }
  if (is_masked(time, row)) {
    dz[index] = 0.0;
    pass_masked_step(t, row, unit, dh);
    return;
  }
  dh += take_output_gradient(t, row, unit);
  dz[index] = dh * activation_derivative(ACTIVATION, h[((t + 1) * ROWS + row) * UNITS + unit]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var done = 0u; done < chunk.count; done++) {
    let t = chunk.first + chunk.count - 1 - done;
    for (var unit = id.x; unit < UNITS; unit += groups.x * THREADS) {
      update_gradient(t, id.y, unit);
    }
    end_step();
  }
}
