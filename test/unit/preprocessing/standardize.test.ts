import { describe, expect, test } from 'vitest';
import { standardize, type NumberInput } from '../../../src/preprocessing/index.ts';
import { ShapeError, ValueError } from '../../../src/runtime/errors.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { errorOf } from '../../harness/error-of.ts';
import { formsOf } from './forms.ts';

const FLOAT32 = { atol: 1e-6, rtol: 1e-6, reason: 'results are rounded to float32, with 24 bits' };

describe('standardize', () => {
  test('training data get mean 0 and deviation 1, feature by feature, in every form', () => {
    const random = rng(randomSeed());
    for (let round = 0; round < 20; round++) {
      const features = random.integer(1, 4);
      const offsets = Array.from({ length: features }, () => 100 * random.normal());
      const rows = Array.from({ length: random.integer(2, 50) }, () =>
        offsets.map((offset) => offset + random.normal()),
      );
      for (const [form, train] of formsOf(rows)) {
        const { data, shape } = standardize(train).apply(train);
        expect(shape).toEqual([rows.length, features]);
        for (let feature = 0; feature < features; feature++) {
          const column = Array.from(data).filter((_, index) => index % features === feature);
          const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
          const squares = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
          expectClose([mean, squares], [0, 1], { ...FLOAT32, what: `mean and variance of ${form}` });
        }
      }
    }
  });

  test('mean and deviation are those of all samples, as in Keras', () => {
    // numpy: np.mean and np.std of [[1, 10], [2, 10], [6, 40]] over axis 0.
    const { mean, deviation } = standardize([
      [1, 10],
      [2, 10],
      [6, 40],
    ]);
    expectClose(mean, [3, 20], { atol: 1e-15, rtol: 1e-15, what: 'mean' });
    expectClose(deviation, [2.160246899469287, 14.142135623730951], { atol: 0, rtol: 1e-15, what: 'deviation' });
  });

  test('new data are transformed by the numbers of the training data, and back', () => {
    const random = rng(randomSeed());
    const train = Array.from({ length: 30 }, () => [5 + random.normal(), 100 * random.normal()]);
    const fresh = Array.from({ length: 7 }, () => [Array.from(random.array(2, 50)), Array.from(random.array(2, 50))]);
    const { mean, deviation, apply, invert } = standardize(train);
    const applied = apply(fresh);
    expect(applied.shape).toEqual([7, 2, 2]);
    const expected = fresh.flat(2).map((value, index) => (value - mean[index % 2]) / deviation[index % 2]);
    expectClose(applied.data, expected, { ...FLOAT32, what: 'new data' });
    expectClose(invert(applied).data, fresh.flat(2), { atol: 1e-4, rtol: 1e-5, what: 'back again' });
  });

  test('one feature is transformed in any shape, such as that of predictions', () => {
    const { apply, invert } = standardize(Float32Array.of(1, 3));
    expect(apply([1, 2, 3])).toEqual({ data: Float32Array.of(-1, 0, 1), shape: [3] });
    expect(invert({ data: Float32Array.of(-1, 0, 1, 2), shape: [2, 2] })).toEqual({
      data: Float32Array.of(1, 2, 3, 4),
      shape: [2, 2],
    });
  });

  test('large numbers keep their digits until they are scaled', () => {
    // Milliseconds since 1970, a second apart: float32 rounds each to a multiple of 131,072 ms.
    const times = Array.from({ length: 5 }, (_, index) => 1_764_000_000_000 + 1000 * index);
    const { data } = standardize(times).apply(times);
    expectClose(
      data,
      [-2, -1, 0, 1, 2].map((step) => step / Math.SQRT2),
      { ...FLOAT32, what: 'times' },
    );
  });

  test('as small and as large as float64 holds, data are scaled as at the size of 1, to the bit', () => {
    const random = rng(randomSeed());
    const plain = Array.from({ length: 20 }, () => [random.normal(), 3 + random.normal()]);
    const expected = standardize(plain);
    for (const exponent of [-1000, -600, -30, 30, 600, 1019]) {
      const rows = plain.map((row) => row.map((value) => value * 2 ** exponent));
      const { mean, deviation, apply } = standardize(rows);
      expect({ exponent, mean, deviation }).toEqual({
        exponent,
        mean: expected.mean.map((value) => value * 2 ** exponent),
        deviation: expected.deviation.map((value) => value * 2 ** exponent),
      });
      expect(apply(rows)).toEqual(expected.apply(plain));
    }
    const { MAX_VALUE: most, MIN_VALUE: least } = Number;
    expect(standardize([most, -most]).apply([most, -most]).data).toEqual(Float32Array.of(1, -1));
    expect(standardize([most, most, most, -most]).apply([-most]).data).toEqual(Float32Array.of(-Math.sqrt(3)));
    expect(standardize([0, least]).deviation).toEqual([least]);
  });

  test('a constant feature is shifted alone', () => {
    // The mean of three tenths is not exactly a tenth when it is worked out from their sum.
    const constant = standardize([0.1, 0.1, 0.1]);
    expect(constant.deviation).toEqual([1]);
    expect(constant.apply([0.1]).data).toEqual(Float32Array.of(0));
    expectClose(constant.apply([0.6]).data, [0.5], { ...FLOAT32, what: 'a new value' });
  });

  test('goes through JSON', () => {
    const random = rng(randomSeed());
    const fitted = standardize(Array.from({ length: 9 }, () => Array.from(random.array(3, 4))));
    const restored = standardize(JSON.parse(JSON.stringify(fitted)) as typeof fitted);
    const values = Array.from({ length: 4 }, () => Array.from(random.array(3, 4)));
    expect(restored.apply(values)).toEqual(fitted.apply(values));
    expect(restored.invert(values)).toEqual(fitted.invert(values));
  });

  const anything = (value: unknown) => value as NumberInput;
  const twoFeatures = standardize([
    [1, 2],
    [3, 5],
  ]);
  const refused: [what: string, call: () => unknown, kind: typeof ShapeError | typeof ValueError, says: string[]][] = [
    ['nothing', () => standardize([]), ShapeError, ['train has shape [0]', 'empty']],
    ['no array', () => standardize(anything('abc')), ShapeError, ['train is "abc"']],
    ['a missing number', () => standardize(anything([1, undefined])), ValueError, ['undefined at [1]', 'Fill in']],
    ['other features', () => twoFeatures.apply([[1, 2, 3]]), ShapeError, ['apply', '[1, 3]', 'features = 2']],
    ['one of the features', () => twoFeatures.invert([1, 2, 3]), ShapeError, ['invert', '[3]', 'by themselves']],
    [
      'a result too large for float32',
      () => standardize([1e-30, 2e-30]).apply([0, 1e20]),
      ValueError,
      ['apply: the value at [1] is 2.00e+50 deviations', '3.4e38'],
    ],
    ['a deviation of 0', () => standardize({ mean: [1], deviation: [0] }), ValueError, ['holds 0 at [0]', 'Give 1']],
    ['a lone mean', () => standardize({ mean: [1, 2], deviation: [1] }), ShapeError, ['[2]', '[1]']],
  ];
  test.each(refused)('%s is refused', (_what, call, kind, says) => {
    const error = errorOf(call);
    expect(error).toBeInstanceOf(kind);
    for (const part of ['standardize', ...says]) expect(error.message).toContain(part);
  });
});
