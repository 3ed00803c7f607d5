import { describe, expect, test } from 'vitest';
import { gru, lstm, simpleRnn } from '../../../src/index.ts';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import { arange, constantWeights, kerasRecurrentUnitTests, unitTestSpec } from '../../golden/keras-unit-tests.ts';
import { onnxDirections } from '../../golden/onnx-nodes.ts';
import { runLayer, type LayerRun } from '../run-layer.ts';

const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations' };

describe("Keras' own unit tests", () => {
  test.each(kerasRecurrentUnitTests)('$layer, $test, $config', async (recorded) => {
    const { units, use_bias: useBias, return_sequences: returnSequences = false } = recorded.config;
    const { cell, ...spec } = unitTestSpec(recorded);
    const options = { ...spec, units, useBias, returnSequences };
    const definition = { lstm, gru, simpleRnn }[cell](options);
    const [batch, steps] = recorded.input.shape;
    const run: LayerRun = {
      x: arange(recorded),
      shape: recorded.input.shape,
      weights: Object.values(constantWeights(recorded)),
      mask: recorded.mask?.flat().map(Number),
      initial: recorded.initial_state?.map((input) => arange({ input: { shape: [...input.shape, 1] } })),
      outputGradient: new Float32Array(batch * (returnSequences ? steps : 1) * units),
    };
    let result = await runLayer(definition, run);
    for (let call = 1; call < recorded.calls; call++) {
      result = await runLayer(definition, { ...run, initial: result.states });
    }
    expectRecorded(result.output, recorded.expected.flat(2), { ...close, what: 'Keras unit tests, outputs' });
    expect(result.output).toHaveLength(run.outputGradient.length);
  });
});

describe('the node tests of ONNX', () => {
  test.each(onnxDirections)('$name', async ({ cell, units, goBackwards, shape, x, states, ...weights }) => {
    const options = { units, goBackwards };
    // Without linear_before_reset the gate comes first, and both biases count alike.
    const definition = cell === 'lstm' ? lstm(options) : gru({ ...options, resetAfter: false });
    const result = await runLayer(definition, {
      x,
      shape,
      weights: [weights.kernel, weights.recurrentKernel, weights.bias],
      outputGradient: new Float32Array(shape[0] * units),
    });
    states.forEach((state, n) => {
      expectRecorded(result.states[n], state, { ...close, what: 'ONNX nodes, last states' });
    });
    expect(states.length).toBeGreaterThan(0);
  });
});

/**
 * Ones in, ones as weights: a row is told from another by its mask alone.
 * The numbers stand in tfjs-layers/src/layers/recurrent_test.ts at 0fc04d95; all were run again on Keras and confirmed.
 */
describe('the unit tests of TensorFlow.js, with the hard sigmoid of Keras 2', () => {
  const onesOf = (size: number) => new Float32Array(size).fill(1);
  const run = (units: number, shape: LayerRun['shape'], more: Partial<LayerRun>, returnSequences = false, bias = 1) =>
    runLayer(lstm({ units, recurrentActivation: 'hardSigmoidLegacy', returnSequences }), {
      x: onesOf(shape[0] * shape[1] * shape[2]),
      shape,
      weights: [onesOf(shape[2] * 4 * units), onesOf(units * 4 * units), onesOf(4 * units).fill(bias)],
      outputGradient: new Float32Array(shape[0] * (returnSequences ? shape[1] : 1) * units),
      ...more,
    });
  const each = (values: readonly number[], times: number) =>
    values.flatMap((value) => Array<number>(times).fill(value));

  test('one step after the other', async () => {
    const { output, states } = await run(5, [4, 2, 2], {}, true);
    const rows = each([0.7595095, 0.96367633], 5);
    expectRecorded(output, [rows, rows, rows, rows].flat(), { ...close, what: 'TensorFlow.js, outputs' });
    expectRecorded(states[1], onesOf(20).fill(1.99505234), { ...close, what: 'TensorFlow.js, c' });
    expect(output).toHaveLength(40);
  });

  test('with a state carried on', async () => {
    const first = await run(5, [4, 3, 2], {});
    expectRecorded(first.output, onesOf(20).fill(0.99500572681427), { ...close, what: 'TensorFlow.js, outputs' });
    const second = await run(5, [4, 3, 2], { initial: first.states });
    expectRecorded(second.output, onesOf(20).fill(0.9999875426292419), { ...close, what: 'TensorFlow.js, outputs' });
    expect(second.output).toHaveLength(20);
  });

  test('with a mask', async () => {
    const mask = [0, 1, 2, 3].flatMap((valid) => Array.from({ length: 6 }, (_, t) => (t < valid ? 1 : 0)));
    const { output, states } = await run(3, [4, 6, 4], { mask }, false, 0);
    const h = [0, 0.76131237, 0.9639796, 0.99504817];
    expectRecorded(output, each(h, 3), { ...close, what: 'TensorFlow.js, outputs' });
    const c = [0, 0.9993292, 1.9993222, 2.9993203];
    expectRecorded(states[1], each(c, 3), { ...close, what: 'TensorFlow.js, c' });
    expect(output).toHaveLength(12);
  });

  test('with a mask, backwards', async () => {
    const vectors = [
      [0.1, 0.2],
      [0.3, 0.4],
      [-0.1, -0.2],
      [-0.3, -0.4],
    ];
    const words = [
      [0, 0, 0],
      [1, 0, 0],
      [1, 2, 0],
      [1, 2, 3],
    ];
    const rows = Float32Array.from([1, -1].flatMap((sign) => [1, 2, 3, 4, 5, 6, 7, 8].map((value) => sign * value)));
    const definition = lstm({ units: 2, recurrentActivation: 'hardSigmoidLegacy', goBackwards: true });
    const { output } = await runLayer(definition, {
      x: words.flat().flatMap((word) => vectors[word]),
      shape: [4, 3, 2],
      weights: [rows, rows, rows.slice(0, 8)],
      mask: words.flat().map((word) => Math.min(word, 1)),
      outputGradient: new Float32Array(8),
    });
    const sums = [0, 1, 2, 3].map((row) => output[2 * row] + output[2 * row + 1]);
    expectRecorded(sums, [0, 1.2876499, 1.8165315, 1.9599037], { ...close, what: 'TensorFlow.js, outputs' });
    expect(output).toHaveLength(8);
  });
});
