import { describe, expect, test } from 'vitest';
import { gru, lstm, simpleRnn, type GruOptions, type LstmOptions } from '../../../src/index.ts';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import { kerasRecurrents, specOf, weightsOf } from '../../golden/keras-forward.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { dropoutFactors } from '../../reference/counted-random.ts';
import { biasSize, GATES, recurrent, type RecurrentShape, type RecurrentSpec } from '../../reference/recurrent.ts';
import { runLayer } from '../run-layer.ts';

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
    { name: `${name}, backwards`, spec: { ...spec, goBackwards: true }, shape: small },
    {
      name: `${name}, other activations`,
      spec: { ...spec, activation: 'softsign', ...gates },
      shape: small,
      sequences: true,
    },
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
  test.each(cases)('$name', async ({ spec, shape, masked, sequences = false, useBias = true }) => {
    const { batch, steps, features, units } = shape;
    const random = rng(randomSeed());
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
    const all = random.array(batch * (sequences ? steps : 1) * units, 1);

    const twin = recurrent(spec, shape, weights, x, { mask, initial });
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

    const result = await runLayer(layerOf(spec, { units, useBias, returnSequences: sequences }), {
      x,
      shape: [batch, steps, features],
      weights: [weights.kernel, weights.recurrentKernel, weights.bias],
      mask,
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
    const result = await runLayer(layerOf(specOf(recorded), { units, returnSequences, useBias }), {
      x: recorded.x.data,
      shape: [batch, time, input_dim],
      weights: Object.values(weightsOf(recorded)),
      mask: recorded.mask?.data.map(Number),
      initial: recorded.initial_state?.map(({ data }) => data),
      outputGradient: recorded.R[0].data,
    });
    const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };
    expectRecorded(result.output, recorded.expected.output.data, { ...close, what: 'Keras, outputs' });
    recorded.expected.states.forEach(({ data }, n) => {
      expectRecorded(result.states[n], data, { ...close, what: 'Keras, states' });
    });
    expect(result.states).toHaveLength(recorded.expected.states.length);
  });
});

describe('dropout of the input', () => {
  const shape = { batch: 3, steps: 4, features: 5, units: 2 };
  const { batch, steps, features, units } = shape;
  test.each(Object.entries(cells))('drops the same features at every step: %s', async (_name, spec) => {
    const random = rng(randomSeed());
    const width = GATES[spec.cell] * units;
    const weights = {
      kernel: random.array(features * width, 0.7),
      recurrentKernel: random.array(units * width, 0.7),
      bias: random.array(biasSize(spec, units), 0.7),
    };
    const x = random.array(batch * steps * features, 1);
    const outputGradient = random.array(batch * steps * units, 1);
    const seed = random.integer(0, 2 ** 32 - 1);
    // The run's update has the seed 0.
    const drawn = dropoutFactors(batch * features, 0.4, 0, seed);
    const factors = x.map((_, n) => drawn[Math.floor(n / (steps * features)) * features + (n % features)]);
    const dropped = Float64Array.from(x, (value, n) => value * factors[n]);
    const twin = recurrent(spec, shape, weights, dropped);
    const expected = twin.backward(outputGradient);

    const run = (dropout: number) =>
      runLayer(layerOf(spec, { units, returnSequences: true, dropout, seed }), {
        x,
        shape: [batch, steps, features],
        weights: Object.values(weights),
        outputGradient,
      });
    const result = await run(0.4);
    expectRecorded(result.output, twin.output, { ...forward, what: 'dropout, outputs' });
    expectRecorded(result.weights[0], expected.kernel, { ...backward, what: 'dropout, gradient of kernel' });
    const dx = expected.x.map((value, n) => value * factors[n]);
    expectRecorded(result.x, dx, { ...backward, what: 'dropout, gradient of x' });
    expect((await run(0)).output).not.toEqual(result.output);
  });
});
