import { expect, test } from 'vitest';
import { recurrentTranspose } from '../../../src/shaders/recurrent/recurrent-transpose.ts';
import { weightCast } from '../../../src/shaders/recurrent/weight-cast.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { float16, fromHalfWords, MOST } from '../../reference/float16.ts';
import { describeHalf } from '../half-precision.ts';
import { runKernel, unwritten } from '../run-kernel.ts';

describeHalf('weights in half precision', () => {
  const nearly = {
    atol: 2 ** -14,
    rtol: 2 ** -10,
    reason: 'WGSL rounds to either neighbour, and may take what lies below 2^-14 for 0',
  };

  test('weight-cast takes the vectors from the first on', async () => {
    const [all, first, vectors] = [90, 7, 70];
    const weights = rng(randomSeed()).array(4 * all, 1);
    const { rounded } = await runKernel(
      weightCast,
      { weights, rounded: unwritten(2 * vectors + 4) },
      { FIRST: first, VECTORS: vectors },
    );
    const seen = fromHalfWords(rounded.slice(0, 2 * vectors));
    expectClose(seen, weights.slice(4 * first, 4 * (first + vectors)), { ...nearly, what: 'rounded' });
    expect(seen.map(float16)).toEqual(seen);
    expect(rounded.slice(2 * vectors)).toEqual(unwritten(4));
  });

  test('weight-cast lets no weight become infinite', async () => {
    const weights = [1e6, -1e30, 65520, -65504, 1e-9, 3, 2 ** 15, 0];
    const { rounded } = await runKernel(weightCast, { weights, rounded: unwritten(4) }, { FIRST: 0, VECTORS: 2 });
    const expected = [MOST, -MOST, MOST, -MOST, 0, 3, 2 ** 15, 0];
    expectClose(fromHalfWords(rounded), expected, { ...nearly, what: 'rounded' });
  });

  test('recurrent-transpose exchanges rows and units', async () => {
    const [units, before] = [11, 3];
    const weights = rng(randomSeed()).array(4 * (before + units) * units, 1);
    const { transposed } = await runKernel(
      recurrentTranspose.mixedFloat16,
      { weights, transposed: unwritten(2 * units * units) },
      { UNITS: units, RECURRENT_ROW: before },
    );
    const expected = Array.from({ length: 4 * units * units }, (_, n) => {
      const [row, unit] = [Math.floor(n / 4 / units), Math.floor(n / 4) % units];
      return weights[4 * ((before + unit) * units + row) + (n % 4)];
    });
    expectClose(fromHalfWords(transposed), expected, { ...nearly, what: 'transposed' });
  });
});
