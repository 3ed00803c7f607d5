import { describe, expect, test } from 'vitest';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { kerasRecurrents, specOf, weightsOf } from '../../../golden/keras-forward.ts';
import type { RecurrentSpec } from '../../../reference/cells.ts';
import { recurrent, type RecurrentShape } from '../../../reference/recurrent.ts';
import { backward, layerBesideTwin, layerOf, type LayerCase } from '../../layer-beside-twin.ts';
import { runLayer } from '../../run-layer.ts';

type Named = LayerCase & { name: string };

const small: RecurrentShape = { batch: 3, steps: 7, features: 2, units: 5 };
/** More than one workgroup a row, a dispatch a step. */
const wide: RecurrentShape = { batch: 2, steps: 3, features: 3, units: 130 };

const cells: Record<string, RecurrentSpec> = {
  lstm: { cell: 'lstm' },
  gru: { cell: 'gru' },
  'gru, reset before': { cell: 'gru', resetAfter: false },
  simpleRnn: { cell: 'simpleRnn' },
};

const cases: Named[] = Object.entries(cells).flatMap(([name, spec]): Named[] => {
  const gates = spec.cell === 'simpleRnn' ? {} : { recurrentActivation: 'hardSigmoid' as const };
  return [
    { name, spec, shape: small },
    { name: `${name}, one of all`, spec, shape: { batch: 1, steps: 1, features: 1, units: 1 }, sequences: true },
    { name: `${name}, sequences, masked`, spec, shape: small, sequences: true, masked: true },
    { name: `${name}, masked, without bias`, spec, shape: small, masked: true, useBias: false },
    {
      name: `${name}, backwards, masked, zeros`,
      spec: { ...spec, goBackwards: true, zeroOutputForMask: true },
      shape: small,
      sequences: true,
      masked: true,
    },
    { name: `${name}, last step, zeros`, spec: { ...spec, zeroOutputForMask: true }, shape: small, masked: true },
    {
      name: `${name}, reset within, other activations`,
      spec: { ...spec, activation: 'softsign', ...gates },
      shape: small,
      reset: true,
    },
    { name: `${name}, reset within, masked`, spec, shape: small, sequences: true, masked: true, reset: true },
    { name: `${name}, wide, reset within, masked`, spec, shape: wide, sequences: true, masked: true, reset: true },
    {
      name: `${name}, wide, backwards, masked`,
      spec: { ...spec, goBackwards: true },
      shape: wide,
      sequences: true,
      masked: true,
    },
  ];
});

describe('a recurrent layer is its twin, forward and backward', () => {
  test.each(cases)('$name', async (given) => {
    const { runBy, expectRight } = layerBesideTwin(given);
    expectRight(await runBy());
  });
});

describe('a recurrent layer gives what Keras gives', () => {
  test.each(kerasRecurrents)('$layer, $name', async (recorded) => {
    const { units, batch, time, input_dim, return_sequences: returnSequences, use_bias: useBias } = recorded.config;
    const spec = specOf(recorded);
    const weights = weightsOf(recorded);
    const mask = recorded.mask?.data.map(Number);
    const initial = recorded.initial_state?.map(({ data }) => data);
    const [ofOutput, ...ofStates] = recorded.R.map(({ data }) => data);
    const result = await runLayer(layerOf(spec, { units, returnSequences, useBias }), {
      x: recorded.x.data,
      shape: [batch, time, input_dim],
      weights: Object.values(weights),
      mask,
      initial,
      outputGradient: ofOutput,
    });
    const { expected } = recorded;
    const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };
    expectRecorded(result.output, expected.output.data, { ...close, what: 'Keras, outputs' });
    expected.states.forEach(({ data }, n) => {
      expectRecorded(result.states[n], data, { ...close, what: 'Keras, states' });
    });
    expect(result.states).toHaveLength(expected.states.length);

    // Keras' loss has the last states too, which pass no gradient to a layer of a sequence of layers: the twin adds theirs.
    const shape = { batch, steps: time, features: input_dim, units };
    const twin = recurrent(spec, shape, weights, recorded.x.data, { mask, initial });
    const added = twin.backward(new Float64Array(twin.output.length), ofStates);
    const expectGradient = (seen: Float32Array | Float64Array, ofTwin: Float64Array, wanted: number[], name: string) =>
      expectRecorded(
        ofTwin.map((value, n) => value + seen[n]),
        wanted,
        { ...backward, what: `Keras, gradient of ${name}` },
      );
    const { kernel, recurrent_kernel, bias } = expected.grads;
    expectGradient(result.weights[0], added.kernel, kernel.data, 'kernel');
    expectGradient(result.weights[1], added.recurrentKernel, recurrent_kernel.data, 'recurrent kernel');
    if (bias) expectGradient(result.weights[2], added.bias, bias.data, 'bias');
    expectGradient(result.x, added.x, expected.grad_x.data, 'x');
  });
});
