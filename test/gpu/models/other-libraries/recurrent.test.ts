import { describe, expect, test } from 'vitest';
import { gru, lstm, simpleRnn } from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { kerasGrus } from '../../../golden/keras-gru.ts';
import { arange, constantWeights, kerasRecurrentUnitTests, unitTestSpec } from '../../../golden/keras-unit-tests.ts';
import { onnxDirections } from '../../../golden/onnx-nodes.ts';
import { runLayer, type LayerRun } from '../../run-layer.ts';

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

describe('a GRU of Keras, PyTorch and ONNX Runtime', () => {
  test.each(kerasGrus)('reset after: $resetAfter', async ({ resetAfter, weights, x, output }) => {
    const [batch, steps, features] = x.shape;
    const [, , units] = output.shape;
    const result = await runLayer(gru({ units, resetAfter, returnSequences: true }), {
      x: x.data,
      shape: [batch, steps, features],
      weights,
      outputGradient: new Float32Array(output.data.length),
    });
    expectRecorded(result.output, output.data, { ...close, what: 'a GRU, outputs' });
    expect(result.output).toHaveLength(batch * steps * units);
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
