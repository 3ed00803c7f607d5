import { expect } from 'vitest';
import { gru, lstm, simpleRnn, type GruOptions, type LstmOptions } from '../../src/index.ts';
import { expectRecorded } from '../golden/expect-recorded.ts';
import { randomSeed, rng, SETTLED_SEED } from '../harness/random.ts';
import { biasSize, GATES, type RecurrentSpec } from '../reference/cells.ts';
import { recurrent, type RecurrentShape } from '../reference/recurrent.ts';
import { decideByRule, runLayer } from './run-layer.ts';

const forward = {
  atol: 4e-6,
  rtol: 4e-6,
  reason: 'float32 against float64: sums of up to 300 products, up to 7 steps',
};
export const backward = { atol: 1e-5, rtol: 1e-5, reason: 'the same, summed up over rows and steps' };

/** The layer of the library that a twin stands for. */
export function layerOf({ cell, ...spec }: RecurrentSpec, more: LstmOptions & GruOptions) {
  const options = { ...spec, ...more };
  if (cell === 'lstm') return lstm(options);
  return cell === 'gru' ? gru(options) : simpleRnn(options);
}

/** A layer, and what of its work is not random. */
export interface LayerCase {
  spec: RecurrentSpec;
  shape: RecurrentShape;
  masked?: boolean;
  /** States start from zero at steps within the sequences. */
  reset?: boolean;
  sequences?: boolean;
  useBias?: boolean;
}

/** Draws the weights of a layer, and what it works on. */
function draw({ spec, shape, masked, reset, sequences, useBias = true }: LayerCase) {
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
  const outputGradient = random.array(batch * (sequences ? steps : 1) * units, 1);
  return { weights, x, initial, mask, resets, outputGradient };
}

/** The output and the gradients that the twin of a layer gives, whose outputs are those of its last step or of all. */
function twinOf(
  { spec, shape, sequences }: LayerCase,
  { weights, x, outputGradient, ...more }: ReturnType<typeof draw>,
) {
  const { batch, steps, units } = shape;
  const twin = recurrent(spec, shape, weights, x, more);
  const lastOf = (n: number) => {
    const row = Math.floor(n / units);
    return ((row + 1) * steps - 1) * units + (n % units);
  };
  const padded = new Float64Array(batch * steps * units);
  outputGradient.forEach((value, n) => (padded[sequences ? n : lastOf(n)] = value));
  const last = Float64Array.from({ length: batch * units }, (_, n) => twin.output[lastOf(n)]);
  return { output: sequences ? twin.output : last, states: twin.last, gradients: twin.backward(padded) };
}

/** A random layer beside its twin. */
export function layerBesideTwin(given: LayerCase) {
  const { spec, shape, masked, reset, sequences = false, useBias = true } = given;
  const { batch, steps, features, units } = shape;
  const drawn = draw(given);
  const { weights, ...run } = drawn;
  const expected = twinOf(given, drawn);

  /** Runs the layer forward and backward, with candidates of choice. */
  const runBy = (decide = decideByRule) =>
    runLayer(
      layerOf(spec, { units, useBias, returnSequences: sequences, stateful: reset }),
      { ...run, shape: [batch, steps, features], weights: Object.values(weights) },
      decide,
    );

  /** Expects all that the twin gives. */
  const expectRight = (result: Awaited<ReturnType<typeof runBy>>) => {
    const what = (name: string) => `${spec.cell}, ${name}`;
    expectRecorded(result.output, expected.output, { ...forward, what: what('outputs') });
    expected.states.forEach((state, n) => {
      expectRecorded(result.states[n], state, { ...forward, what: what('states') });
    });
    const names = useBias ? (['kernel', 'recurrentKernel', 'bias'] as const) : (['kernel', 'recurrentKernel'] as const);
    names.forEach((name, n) => {
      expectRecorded(result.weights[n], expected.gradients[name], { ...backward, what: what(`gradient of ${name}`) });
    });
    expectRecorded(result.x, expected.gradients.x, { ...backward, what: what('gradient of x') });
    expect(result.weights).toHaveLength(names.length);
    const width = GATES[spec.cell] * units;
    const biasRows = result.matrix.slice(features * width, result.matrix.length - units * width);
    expect(biasRows.some((value) => value !== 0)).toBe(useBias);
    expect(result.passedMask !== undefined).toBe(Boolean(masked && sequences));
  };
  return { runBy, expectRight };
}
