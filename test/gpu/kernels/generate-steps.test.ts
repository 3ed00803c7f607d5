import { expect, test } from 'vitest';
import { drawStruct } from '../../../src/shaders/generation/draw.ts';
import { generateSteps } from '../../../src/shaders/generation/generate-steps.ts';
import { LAYER_KINDS, layerStepStruct } from '../../../src/shaders/generation/layer-step.ts';
import { StructArray } from '../../../src/runtime/struct.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { runKernel } from '../run-kernel.ts';

// An LSTM and a linear head whose outputs move into a window of the last values.
const [WINDOW, UNITS, OUTPUTS, STEPS, ROWS, CAPACITY] = [6, 7, 2, 5, 3, 4];
const [TANH, SIGMOID, LINEAR] = [0, 1, 5];
const COLUMNS = 4 * UNITS;
const HEAD = (WINDOW + 1 + UNITS) * COLUMNS;
/** Positions of the states for all slots. */
const [H, C, OUTPUT, INPUT] = [0, CAPACITY * UNITS, 2 * CAPACITY * UNITS, CAPACITY * (2 * UNITS + OUTPUTS)];

/** The steps of one row in float64: its states after them, and the values that were fed back. */
function twin(weights: Float32Array, states: Float32Array, slot: number) {
  const part = (at: number, size: number) => Array.from(states.subarray(at + slot * size, at + (slot + 1) * size));
  let [h, c, output, window] = [part(H, UNITS), part(C, UNITS), part(OUTPUT, OUTPUTS), part(INPUT, WINDOW)];
  const values: number[] = [];
  const times = (x: number[], first: number, columns: number, column: number) =>
    x.reduce((sum, value, row) => sum + value * weights[first + row * columns + column], 0);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  for (let step = 0; step < STEPS; step++) {
    values.push(...output);
    window = [...window.slice(OUTPUTS), ...output];
    const z = Array.from({ length: COLUMNS }, (_, column) => times([...window, 1, ...h], 0, COLUMNS, column));
    c = c.map((before, u) => sigmoid(z[4 * u + 1]) * before + sigmoid(z[4 * u]) * Math.tanh(z[4 * u + 2]));
    h = c.map((now, u) => sigmoid(z[4 * u + 3]) * Math.tanh(now));
    output = output.map((_, k) => times([...h, 1], HEAD, OUTPUTS, k));
  }
  return { values, states: { h, c, output, window } };
}

// One thread has all columns, 4 share them, 64 share the terms of the sums too, and 100 leave threads over.
test.each([1, 4, 64, 100])('generate-steps with %i threads', async (THREADS) => {
  const random = rng(randomSeed());
  const weights = random.array(HEAD + (UNITS + 1) * OUTPUTS, 0.7);
  const states = random.array(INPUT + CAPACITY * WINDOW, 1);
  const layers = new StructArray(layerStepStruct, 2);
  const lanes = (columns: number) => Math.min(THREADS, Math.ceil(columns / 4));
  const none = { takes_class: 0, input_states: 0, output_states: 0, c: 0, h_states: 0, c_states: 0, window: 0 };
  const kind = (name: (typeof LAYER_KINDS)[number]) => LAYER_KINDS.indexOf(name);
  layers.write(0, {
    ...none,
    kind: kind('lstm'),
    units: UNITS,
    columns: COLUMNS,
    inputs: WINDOW,
    lanes: lanes(COLUMNS),
    weights: 0,
    input: 0,
    output: WINDOW + OUTPUTS,
    c: WINDOW + OUTPUTS + UNITS,
    h_states: H,
    c_states: C,
    activation: TANH,
    recurrent_activation: SIGMOID,
    window: WINDOW,
    input_states: INPUT,
  });
  layers.write(1, {
    ...none,
    kind: kind('dense'),
    units: OUTPUTS,
    columns: OUTPUTS,
    inputs: UNITS,
    lanes: lanes(OUTPUTS),
    weights: HEAD,
    input: WINDOW + OUTPUTS,
    output: WINDOW,
    activation: LINEAR,
    recurrent_activation: 0,
    output_states: OUTPUT,
  });
  const draws = new StructArray(drawStruct, ROWS);
  // The last row has no stream. A dispatch runs fewer steps than there are left for the second.
  const slots = [2, 0];
  slots.forEach((slot, row) => {
    const own = { slot, step: 7, end_step: 7 + STEPS + 3 * row, dispatch_steps: STEPS, result: row * STEPS };
    draws.write(row, { ...own, seed: 0, top_k: 0, temperature: 0 });
  });
  const written = await runKernel(
    generateSteps,
    {
      layers: layers.first(2),
      weights,
      states,
      draws: draws.first(ROWS),
      results: new Uint32Array(ROWS * STEPS * OUTPUTS),
    },
    { THREADS, VALUES: WINDOW + OUTPUTS + 2 * UNITS, SUMS: 4 * THREADS + COLUMNS, DRAWS: 0 },
    [ROWS, 1, 1],
  );
  const close = { atol: 3e-6, rtol: 3e-6, reason: 'float32, five steps of sums of 14 products' };
  const expected = slots.map((slot) => twin(weights, states, slot));
  const values = written.results.subarray(0, 2 * STEPS * OUTPUTS);
  expectClose(
    values,
    expected.flatMap((row) => row.values),
    { ...close, what: 'values' },
  );
  const untouched = Float32Array.from(states);
  slots.forEach((slot, row) => {
    const { h, c, output, window } = expected[row].states;
    untouched.set(h, H + slot * UNITS);
    untouched.set(c, C + slot * UNITS);
    untouched.set(output, OUTPUT + slot * OUTPUTS);
    untouched.set(window, INPUT + slot * WINDOW);
  });
  expectClose(written.states, untouched, { ...close, what: 'states' });
  const counts = new Uint32Array(written.draws.buffer, written.draws.byteOffset, written.draws.length);
  const fields = drawStruct.size / 4;
  expect([0, 1, 2].map((row) => counts[row * fields + drawStruct.offsets.step / 4])).toEqual([12, 12, 0]);
  expect([0, 1].map((row) => counts[row * fields + drawStruct.offsets.result / 4])).toEqual([STEPS, 2 * STEPS]);
});
