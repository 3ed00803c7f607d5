import { afterAll, expect, test } from 'vitest';
import { lstm } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { Numbers } from '../../../reference/arrays.ts';
import { recurrent } from '../../../reference/recurrent.ts';
import { describeHalf } from '../../half-precision.ts';
import { runLayer } from '../../run-layer.ts';

const [BATCH, FEATURES] = [2, 8];

/**
 * Deviations of weights, in units of those that keep the size of a sum: as at first, and as large as after long training.
 * Half precision rounds weights by up to 2^-12 of their size, so sums of H products by 2^-12 of theirs, whatever H is;
 * gates hand on a quarter of that at the most, and forget. Large weights pass errors on from step to step.
 */
const gains = [
  { gain: 1, most: 1e-3 },
  { gain: 3, most: 1e-2 },
];
const sizes = [16, 64, 256].flatMap((units) => [20, 100].map((steps) => ({ units, steps })));
const cases = gains.flatMap((of) => sizes.map((size) => ({ ...of, ...size })));

/** Float32 differs from float64 by a few roundings, 6e-8 each, passed on alike. */
const MAX_FLOAT32_ERROR = 1e-5;

describeHalf('the error of half precision against float64', () => {
  const table = ['weights    H    T  output    gradients, each with that of float32 behind it'];
  afterAll(() => console.log(table.join('\n')));

  test.each(cases)('H $units, T $steps, weights × $gain', async ({ gain, most, units, steps }) => {
    const random = rng(randomSeed());
    const shape = { batch: BATCH, steps, features: FEATURES, units };
    const weights = {
      kernel: random.array(4 * FEATURES * units, gain / Math.sqrt(FEATURES)),
      recurrentKernel: random.array(4 * units * units, gain / Math.sqrt(units)),
      bias: Float32Array.from({ length: 4 * units }, (_, n) => (Math.floor(n / units) === 1 ? 1 : 0)),
    };
    const x = random.array(BATCH * steps * FEATURES, 1);
    const outputGradient = random.array(BATCH * units, 1);
    const twin = recurrent({ cell: 'lstm' }, shape, weights, x);
    const { kernel, recurrentKernel, bias } = twin.backward([], [outputGradient]);

    const errorsOf = async (precision: 'float32' | 'mixedFloat16') => {
      const run = { x, shape: [BATCH, steps, FEATURES] as const, weights: Object.values(weights), outputGradient };
      const result = await runLayer(lstm({ units }), { ...run, precision });
      return {
        output: relativeError(result.output, twin.last[0]),
        gradients: relativeError(
          result.weights.flatMap((part) => [...part]),
          [...kernel, ...recurrentKernel, ...bias],
        ),
      };
    };
    const half = await errorsOf('mixedFloat16');
    const float32 = await errorsOf('float32');
    const cells = (['output', 'gradients'] as const).map((of) => `${shown(half[of])} (${shown(float32[of])})`);
    table.push(`× ${gain}    ${String(units).padStart(4)} ${String(steps).padStart(4)}  ${cells.join('  ')}`);
    for (const error of Object.values(half)) {
      expect(error).toBeLessThan(most);
      expect(error, 'half precision was used').toBeGreaterThan(1e-5);
    }
    for (const error of Object.values(float32)) expect(error).toBeLessThan(MAX_FLOAT32_ERROR);
  });
});

/** The length of the difference in lengths of what is expected. */
function relativeError(actual: Numbers, expected: Numbers): number {
  const length = (values: Numbers) => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
  return length(Array.from(actual, (value, n) => value - expected[n])) / length(expected);
}

function shown(error: number): string {
  return error.toExponential(1);
}
