import { describe, expect, test } from 'vitest';
import { gru, lstm, simpleRnn, type GruOptions, type LstmOptions } from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { kerasRecurrents, specOf, weightsOf } from '../../../golden/keras-forward.ts';
import { randomSeed, rng, SETTLED_SEED } from '../../../harness/random.ts';
import { biasSize, GATES, type RecurrentSpec } from '../../../reference/cells.ts';
import { recurrent, type RecurrentShape } from '../../../reference/recurrent.ts';
import { runLayer } from '../../run-layer.ts';

const forward = {
  atol: 4e-6,
  rtol: 4e-6,
  reason: 'float32 against float64: sums of up to 130 products, up to 7 steps',
};
const backward = { atol: 1e-5, rtol: 1e-5, reason: 'the same, summed up over rows and steps' };

/** The layer of the library that a twin stands for. */
function layerOf({ cell, ...spec }: RecurrentSpec, more: LstmOptions & GruOptions) {
  const options = { ...spec, ...more };
  if (cell === 'lstm') return lstm(options);
  return cell === 'gru' ? gru(options) : simpleRnn(options);
}

interface Case {
  name: string;
  spec: RecurrentSpec;
  shape: RecurrentShape;
  masked?: boolean;
  /** States start from zero at steps within the sequences. */
  reset?: boolean;
  sequences?: boolean;
  useBias?: boolean;
}

const small: RecurrentShape = { batch: 3, steps: 7, features: 2, units: 5 };
/** More than one workgroup a row, a dispatch a step. */
const wide: RecurrentShape = { batch: 2, steps: 3, features: 3, units: 130 };

const cells: Record<string, RecurrentSpec> = {
  lstm: { cell: 'lstm' },
  gru: { cell: 'gru' },
  'gru, reset before': { cell: 'gru', resetAfter: false },
  simpleRnn: { cell: 'simpleRnn' },
};

const cases: Case[] = Object.entries(cells).flatMap(([name, spec]): Case[] => {
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
  test.each(cases)('$name', async ({ spec, shape, masked, reset, sequences = false, useBias = true }) => {
    const { batch, steps, features, units } = shape;
    // The only other gate is hard.
    const random = rng(spec.recurrentActivation ? SETTLED_SEED : randomSeed());
    const width = GATES[spec.cell] * units;
    const scale = Math.sqrt(1 / units);
    const weights = {
      kernel: random.array(features * width, 0.7),
      recurrentKernel: random.array(units * width, scale),
      bias: useBias ? random.array(biasSize(spec, units), 0.7) : new Float32Array(biasSize(spec, units)),
    };
    const x = random.array(batch * steps * features, 1);
    const initial = Array.from({ length: spec.cell === 'lstm' ? 2 : 1 }, () => random.array(batch * units, 0.7));
    // A first row without any step, then gaps anywhere, but not at the ends of the last row.
    const ends = [(batch - 1) * steps, batch * steps - 1];
    const mask = masked
      ? Float32Array.from({ length: batch * steps }, (_, n) => {
          if (n < steps) return 0;
          return ends.includes(n) ? 1 : random.integer(0, 1);
        })
      : undefined;
    const resets = reset ? Float32Array.from({ length: batch * steps }, () => random.integer(0, 1)) : undefined;
    const all = random.array(batch * (sequences ? steps : 1) * units, 1);

    const twin = recurrent(spec, shape, weights, x, { mask, initial, resets });
    const lastOf = (data: Float64Array) =>
      Float64Array.from({ length: batch * units }, (_, n) => {
        const row = Math.floor(n / units);
        return data[((row + 1) * steps - 1) * units + (n % units)];
      });
    const padded = new Float64Array(batch * steps * units);
    all.forEach((value, n) => {
      const row = Math.floor(n / units);
      padded[sequences ? n : ((row + 1) * steps - 1) * units + (n % units)] = value;
    });
    const expected = twin.backward(padded);

    const result = await runLayer(layerOf(spec, { units, useBias, returnSequences: sequences, stateful: reset }), {
      x,
      shape: [batch, steps, features],
      weights: [weights.kernel, weights.recurrentKernel, weights.bias],
      mask,
      resets,
      initial,
      outputGradient: all,
    });

    const what = (name: string) => `${spec.cell}, ${name}`;
    const wanted = sequences ? twin.output : lastOf(twin.output);
    expectRecorded(result.output, wanted, { ...forward, what: what('outputs') });
    twin.last.forEach((state, n) => {
      expectRecorded(result.states[n], state, { ...forward, what: what('states') });
    });
    const names = useBias ? (['kernel', 'recurrentKernel', 'bias'] as const) : (['kernel', 'recurrentKernel'] as const);
    names.forEach((name, n) => {
      expectRecorded(result.weights[n], expected[name], { ...backward, what: what(`gradient of ${name}`) });
    });
    expectRecorded(result.x, expected.x, { ...backward, what: what('gradient of x') });
    expect(result.weights).toHaveLength(names.length);
    const biasRows = result.matrix.slice(features * width, result.matrix.length - units * width);
    expect(biasRows.some((value) => value !== 0)).toBe(useBias);
    expect(result.passedMask !== undefined).toBe(Boolean(masked && sequences));
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
