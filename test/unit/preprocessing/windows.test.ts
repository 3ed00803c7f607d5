import { describe, expect, test } from 'vitest';
import { standardize, windows, type NumberInput } from '../../../src/preprocessing/index.ts';
import { ShapeError, ValueError } from '../../../src/runtime/errors.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { errorOf } from '../../harness/error-of.ts';
import { formsOf, nest } from './forms.ts';

const range = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, index) => from + index * step);

/** Keras' `timeseries_dataset_from_array` on rows, written down from its source: which windows, and which target each. */
function kerasWindows<Row>(data: Row[], targets: Row[], length: number, stride: number, rate: number): [Row[], Row][] {
  const count = Math.min(data.length - (length - 1) * rate, targets.length);
  return range(0, count, stride).map((start) => [
    range(start, start + length * rate, rate).map((step) => data[step]),
    targets[start],
  ]);
}

describe('windows', () => {
  test('the first example of Keras: 99 steps, length 10, every second step, a window every three', () => {
    const { x, y } = windows(range(0, 99), { length: 10, samplingRate: 2, stride: 3, horizon: 0 });
    const rows = nest(x) as number[][];
    expect(rows[0]).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(rows[1]).toEqual([3, 5, 7, 9, 11, 13, 15, 17, 19, 21]);
    expect(rows.at(-1)).toEqual([78, 80, 82, 84, 86, 88, 90, 92, 94, 96]);
    expect(y).toEqual({ data: new Float32Array(0), shape: [27, 0] });
  });

  test('the second example of Keras: ten steps predict the next', () => {
    const { x, y } = windows(range(0, 100), { length: 10 });
    expect(x.shape).toEqual([90, 10]);
    expect(y.shape).toEqual([90, 1]);
    expect((nest(x) as number[][])[0]).toEqual(range(0, 10));
    expect(Array.from(y.data)).toEqual(range(10, 100));
  });

  test('random series give the windows of Keras, in every form', () => {
    const random = rng(randomSeed());
    for (let round = 0; round < 50; round++) {
      const [length, stride, samplingRate] = [random.integer(1, 6), random.integer(1, 5), random.integer(1, 4)];
      const features = random.integer(1, 4);
      const steps = length * samplingRate + random.integer(1, 30);
      const series = range(0, steps).map(() => Array.from(random.array(features, 1)));
      const expected = kerasWindows(series, series.slice(length * samplingRate), length, stride, samplingRate);
      for (const [, form] of formsOf(series)) {
        const { x, y } = windows(form, { length, stride, samplingRate });
        expect(nest(x)).toEqual(expected.map(([window]) => window));
        expect(nest(y)).toEqual(expected.map(([, target]) => target));
      }
    }
  });

  test('a horizon takes so many steps after the window, of other targets too', () => {
    const random = rng(randomSeed());
    for (let round = 0; round < 50; round++) {
      const [length, horizon, rate] = [random.integer(1, 5), random.integer(1, 5), random.integer(1, 3)];
      const outputs = random.integer(1, 3);
      const steps = (length + horizon) * rate + random.integer(0, 20);
      const series = Array.from(random.array(steps, 1));
      const targets = range(0, steps).map(() => Array.from(random.array(outputs, 1)));
      const { x, y } = windows(series, { length, horizon, samplingRate: rate, targets });
      const last = x.shape[0] - 1;
      // No window more would fit, and each target is what lies behind its window.
      expect(last + (length + horizon - 1) * rate).toBe(steps - 1);
      for (const window of [0, random.integer(0, last), last]) {
        const after = range(0, horizon).map((step) => targets[window + (length + step) * rate]);
        const size = horizon * outputs;
        expect(Array.from(y.data.subarray(window * size, (window + 1) * size))).toEqual(after.flat());
      }
      expect(y.shape).toEqual(
        outputs > 1 && horizon > 1 ? [last + 1, horizon, outputs] : [last + 1, horizon * outputs],
      );
    }
  });

  test('a typed array is a series of one feature, and is not changed', () => {
    const series = Float32Array.of(1, 2, 3, 4);
    const { x, y } = windows(series, { length: 2 });
    expect(nest(x)).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(nest(y)).toEqual([[3], [4]]);
    x.data.fill(9);
    expect(series).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(windows(BigInt64Array.of(1n, 2n, 3n), { length: 1 }).y.data).toEqual(Float32Array.of(2, 3));
  });

  test('keep the digits of a series, so that it may be standardized before or after', () => {
    const random = rng(randomSeed());
    // Seconds since 1970, which float32 rounds to multiples of 128, beside numbers too large for it.
    const rows = range(0, 9).map((step) => [1_700_000_000 + step + random.uniform(0, 0.5), 1e40 * random.normal()]);
    const scale = standardize(rows);
    const { x, y } = windows(rows, { length: 3 });
    expect(nest(x)).toEqual(range(0, 6).map((first) => rows.slice(first, first + 3)));
    expect(nest(y)).toEqual(rows.slice(3));
    expect(scale.apply(x)).toEqual(windows(scale.apply(rows), { length: 3 }).x);
    expect(scale.apply(y)).toEqual(windows(scale.apply(rows), { length: 3 }).y);
    const times = standardize(rows.map(([time]) => time));
    expectClose(times.invert([0]).data, times.mean, { atol: 0, rtol: 0, what: 'mean', reason: 'it is not rounded' });
  });

  test('are float32 where that rounds no number', () => {
    expect(windows([1.5, 2, 3], { length: 1 }).x.data).toBeInstanceOf(Float32Array);
    expect(windows([1.1, 2, 3], { length: 1 }).x.data).toBeInstanceOf(Float64Array);
  });

  const anything = (value: unknown) => value as NumberInput;
  const refused: [
    what: string,
    series: unknown,
    options: object,
    kind: typeof ShapeError | typeof ValueError,
    says: string[],
  ][] = [
    ['too short a series', [1, 2, 3], { length: 3 }, ShapeError, ['3 steps', 'takes 4', 'length 3', 'longer series']],
    [
      'too short a series for a window',
      [1, 2],
      { length: 3, horizon: 0 },
      ShapeError,
      ['one window takes 3', 'shorter length.'],
    ],
    ['a number among rows', [[1, 2], 3], { length: 1 }, ShapeError, ['3 at [1], expected a list', 'same dimensions']],
    ['a row among numbers', [1, [2]], { length: 1 }, ShapeError, ['[2] at [1], expected a number', 'same dimensions']],
    ['an empty series', [], { length: 1 }, ShapeError, ['series has shape [0]', 'empty']],
    ['several series', [[[1]]], { length: 1 }, ShapeError, ['[1, 1, 1]', '[steps, features]']],
    ['uneven rows', [[1, 2], [3]], { length: 1 }, ShapeError, ['uneven', 'at [1]', '[2, 2]']],
    [
      'a missing number',
      [
        [1, 2],
        [3, null],
        [4, 5],
      ],
      { length: 1 },
      ValueError,
      ['null at [1, 1]', 'Fill in'],
    ],
    ['NaN', [1, NaN, 3], { length: 1 }, ValueError, ['NaN at [1]', 'finite']],
    ['digits', ['1', '2'], { length: 1 }, ValueError, ['"1" at [0]', 'Number()']],
    ['no series', 5, { length: 1 }, ShapeError, ['series is 5', 'rows of numbers']],
    [
      'a shape that does not fit',
      { data: [1, 2, 3], shape: [2, 2] },
      { length: 1 },
      ShapeError,
      ['3 numbers', '[2, 2]'],
    ],
    ['targets of another length', [1, 2, 3], { length: 1, targets: [1, 2] }, ShapeError, ['2 steps', 'expected 3']],
    ['no length', [1, 2], {}, ValueError, ['length is undefined', 'positive']],
    ['a negative horizon', [1, 2], { length: 1, horizon: -1 }, ValueError, ['horizon is -1']],
    ['a stride of 0', [1, 2], { length: 1, stride: 0 }, ValueError, ['stride is 0']],
    ['a rate of half a step', [1, 2], { length: 1, samplingRate: 0.5 }, ValueError, ['samplingRate is 0.5']],
    ["Keras' name", [1, 2], { length: 1, sequenceStride: 1 }, ValueError, ['no option "sequenceStride"', 'stride']],
  ];
  test.each(refused)('%s is refused', (_what, series, options, kind, says) => {
    const error = errorOf(() => windows(anything(series), options as { length: number }));
    expect(error).toBeInstanceOf(kind);
    for (const part of ['windows', ...says]) expect(error.message).toContain(part);
  });

  test('no message holds the contents of a large array', () => {
    const long = Array.from({ length: 100_000 }, () => 'x'.repeat(100));
    for (const series of [long, [long], { data: long, shape: long }, { data: [1], shape: range(0, 1000) }]) {
      expect(errorOf(() => windows(anything(series), { length: 1 })).message.length).toBeLessThan(400);
    }
    const endless: unknown[] = [];
    endless.push(endless);
    expect(errorOf(() => windows(anything(endless), { length: 1 })).message).toContain('holds itself');
  });
});
