import { describe, expect, test } from 'vitest';
import { gru, lstm, simpleRnn, type GruOptions, type LstmOptions } from '../../../../src/index.ts';
import { hash32 } from '../../../../src/runtime/digest.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { dropoutFactors } from '../../../reference/counted-random.ts';
import { biasSize, GATES, type RecurrentSpec } from '../../../reference/cells.ts';
import { recurrent, type RecurrentShape } from '../../../reference/recurrent.ts';
import { runLayer } from '../../run-layer.ts';

const forward = {
  atol: 4e-6,
  rtol: 4e-6,
  reason: 'float32 against float64: sums of up to 140 products, up to 7 steps',
};
const backward = { atol: 2e-5, rtol: 1e-5, reason: 'the same, summed up over rows and steps' };

/** Stateful, so that the run gives it zeros to begin with. */
function layerOf({ cell, ...spec }: RecurrentSpec, more: LstmOptions & GruOptions) {
  const options = { ...spec, ...more, stateful: true };
  if (cell === 'lstm') return lstm(options);
  return cell === 'gru' ? gru(options) : simpleRnn(options);
}

/** The shapes of recurrent-layers.test.ts, whose products are compiled for both. */
const small: RecurrentShape = { batch: 3, steps: 7, features: 2, units: 5 };
/** More than one workgroup a row, a dispatch a step. */
const wide: RecurrentShape = { batch: 2, steps: 3, features: 3, units: 130 };

const specs: [name: string, spec: RecurrentSpec][] = [
  ['lstm', { cell: 'lstm' }],
  ['lstm, backwards', { cell: 'lstm', goBackwards: true }],
  ['gru', { cell: 'gru' }],
  ['gru, backwards', { cell: 'gru', goBackwards: true }],
  ['gru, reset before', { cell: 'gru', resetAfter: false }],
  ['gru, reset before, backwards', { cell: 'gru', resetAfter: false, goBackwards: true }],
  ['simpleRnn', { cell: 'simpleRnn' }],
];

const rates = [
  { dropout: 0.4, recurrentDropout: 0 },
  { dropout: 0, recurrentDropout: 0.3 },
  { dropout: 0.4, recurrentDropout: 0.3 },
];

/** Each cell drops its input, its state and both; going backwards, which changes no mask, both. */
const ratesOf = ({ goBackwards }: RecurrentSpec) => (goBackwards ? rates.slice(2) : rates);

const cases = specs.flatMap(([name, spec]) => [
  ...ratesOf(spec).map((of) => ({ name, spec, shape: small, masked: false, ...of })),
  { name: `${name}, wide, masked`, spec, shape: wide, masked: true, dropout: 0.5, recurrentDropout: 0.5 },
]);

describe('dropout within a recurrent layer, one draw for all steps', () => {
  test.each(cases)('$name, $dropout of the input, $recurrentDropout of the state', async (given) => {
    const { spec, shape, masked, dropout, recurrentDropout } = given;
    const { batch, steps, features, units } = shape;
    const random = rng(randomSeed());
    const gates = GATES[spec.cell];
    const weights = {
      kernel: random.array(features * gates * units, 0.7),
      recurrentKernel: random.array(units * gates * units, 1 / Math.sqrt(units)),
      bias: random.array(biasSize(spec, units), 0.7),
    };
    const x = random.array(batch * steps * features, 1);
    const mask = masked ? Float32Array.from({ length: batch * steps }, () => random.integer(0, 1)) : undefined;
    // With no step that counts there would be nothing to drop.
    mask?.fill(1, 0, 2);
    const outputGradient = random.array(batch * steps * units, 1);
    const seed = random.integer(0, 2 ** 32 - 1);

    // The run's update has the seed 0. Gates share a draw of the input unless the state has draws too.
    const draw = (size: number, rate: number, stream: number, isShared: boolean) => {
      const drawn = dropoutFactors((isShared ? 1 : gates) * batch * size, rate, 0, stream);
      return Array.from({ length: gates }, (_, gate) => {
        const first = isShared ? 0 : gate * batch * size;
        return drawn.slice(first, first + batch * size);
      });
    };
    const dropped = {
      input: dropout > 0 ? draw(features, dropout, seed, recurrentDropout === 0) : undefined,
      state: recurrentDropout > 0 ? draw(units, recurrentDropout, hash32(`${seed} recurrent`), false) : undefined,
    };
    const twin = recurrent(spec, shape, weights, x, { mask, dropped });
    const expected = twin.backward(outputGradient);
    expect(twin.output).not.toEqual(recurrent(spec, shape, weights, x, { mask }).output);

    const options = { units, returnSequences: true, seed };
    const run = { x, shape: [batch, steps, features] as const, weights: Object.values(weights), mask, outputGradient };
    const result = await runLayer(layerOf(spec, { ...options, dropout, recurrentDropout }), run);
    expectRecorded(result.output, twin.output, { ...forward, what: 'outputs' });
    (['kernel', 'recurrentKernel', 'bias'] as const).forEach((name, n) => {
      expectRecorded(result.weights[n], expected[name], { ...backward, what: `gradient of ${name}` });
    });
    expectRecorded(result.x, expected.x, { ...backward, what: 'gradient of x' });
  });
});
