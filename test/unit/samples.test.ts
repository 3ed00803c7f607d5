import { describe, expect, test } from 'vitest';
import type { ArrayInput } from '../../src/models/network/arrays.ts';
import { OTHER_NUMBERS } from '../../src/models/network/float32.ts';
import { besideSamples, toSamples, toTargets } from '../../src/models/network/samples.ts';
import { ShapeError, ValueError } from '../../src/runtime/errors.ts';
import { errorOf } from '../harness/error-of.ts';

const anything = (value: unknown) => value as ArrayInput;
const numbers = Array.from({ length: 12 }, (_, n) => 3 * n - 7);

/** Nested arrays of this shape with the numbers above. */
function nested([size, ...inner]: number[], first = 0): unknown[] {
  const stride = inner.reduce((product, n) => product * n, 1);
  return Array.from({ length: size }, (_, n) =>
    inner.length === 0 ? numbers[first + n] : nested(inner, first + n * stride),
  );
}

describe('samples are taken in every form from which their shape follows', () => {
  const forms: [what: string, sample: (number | null)[], value: unknown, shape: number[]][] = [
    ['nested', [3, 2], nested([2, 3, 2]), [2, 3, 2]],
    ['flat and typed', [3, 2], Float32Array.from(numbers), [2, 3, 2]],
    ['flat and plain', [3, 2], numbers, [2, 3, 2]],
    ['flat with a flat shape', [3, 2], { data: numbers, shape: [12] }, [2, 3, 2]],
    ['one flat row each', [3, 2], [Float64Array.from(nested([6]) as number[]), nested([6], 6)], [2, 3, 2]],
    ['without their one feature', [6, 1], nested([2, 6]), [2, 6, 1]],
    [
      'without their one feature, in typed rows',
      [4, 1],
      [0, 4, 8].map((n) => Int16Array.from(nested([4], n) as number[])),
      [3, 4, 1],
    ],
    ['without their one feature, any number of steps', [null, 1], nested([2, 6]), [2, 6, 1]],
    ['one sequence of any number of steps', [null, 1], [numbers], [1, 12, 1]],
    ['single steps', [1, 1], numbers, [12, 1, 1]],
    ['single steps in rows', [1, 4], nested([3, 4]), [3, 1, 4]],
    ['features alone', [4], nested([3, 4]), [3, 4]],
    ['features alone, flat', [4], BigInt64Array.from(numbers.map(BigInt)), [3, 4]],
    ['a typed shape', [3, 2], { data: numbers, shape: Int32Array.of(2, 3, 2) }, [2, 3, 2]],
    ['a shape of bigints', [3, 2], { data: numbers, shape: BigInt64Array.of(2n, 3n, 2n) }, [2, 3, 2]],
  ];
  test.each(forms)('%s', (_what, sample, value, shape) => {
    const taken = toSamples('x', anything(value), sample);
    expect(taken).toEqual({ data: Float32Array.from(numbers), shape, lengths: undefined });
  });

  test('a flat Float32Array is not copied', () => {
    const data = Float32Array.from(numbers);
    expect(toSamples('x', data, [3, 2]).data).toBe(data);
  });

  const doubts: [what: string, sample: (number | null)[], value: unknown, says: string[]][] = [
    ['one sequence or many single steps', [null, 1], nested([12, 1]), ['For one sample', '[1, 12, 1]', '[12, 1, 1]']],
    ['one sample, of features beside each other', [6, 2], nested([6, 2]), ['For one sample, give shape [1, 6, 2]']],
    ['steps that nobody told of', [null, 2], numbers, ['flat', '{ data, shape: [samples, timesteps, 2] }']],
    ['no whole number of samples', [5, 1], numbers, ['x has shape [12]', '5 numbers for each sample']],
    ['too many steps', [2, 2], nested([2, 3, 2]), ['timesteps = 2', 'inputShape: [null, 2]']],
    ['another number of features', [3, 3], nested([2, 3, 2]), ['features = 3', 'Reshape it']],
    ['nothing', [3, 2], [], ['holds no samples']],
    ['nothing in a typed array', [3, 2], new Float32Array(0), ['holds no samples']],
    ['empty sequences', [3, 2], [[], []], ['holds no timesteps']],
  ];
  test.each(doubts)('and refused where it does not: %s', (_what, sample, value, says) => {
    const error = errorOf(() => toSamples('model.fit: x', anything(value), sample));
    expect(error).toBeInstanceOf(ShapeError);
    for (const part of ['model.fit: x', ...says]) expect(error.message).toContain(part);
  });
});

describe('sequences of different lengths are padded', () => {
  const padded = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0);

  test.each([
    ['nested', [[[1, 2], [3, 4], [5, 6]], [[7, 8]]]], // prettier-ignore
    ['in typed rows', [[Float32Array.of(1, 2), Int8Array.of(3, 4), [5, 6]], [Float64Array.of(7, 8)]]],
  ])('%s', (_what, value) => {
    const expected = { data: padded, shape: [2, 3, 2], lengths: [3, 1] };
    for (const sample of [
      [null, 2],
      [3, 2],
    ])
      expect(toSamples('x', anything(value), sample)).toEqual(expected);
  });

  test('without their one feature, an empty one among them, and with another number as padding', () => {
    const value = [Float32Array.of(1, 2), [], [3]];
    expect(toSamples('x', value, [null, 1], undefined, -9)).toEqual({
      data: Float32Array.of(1, 2, -9, -9, 3, -9),
      shape: [3, 2, 1],
      lengths: [2, 0, 1],
    });
  });

  test.each<[what: string, sample: number[], value: unknown, data: number[], lengths: number[]]>([
    ['of different lengths', [4, 1], [[1, 2], [3]], [1, 2, -9, -9, 3, -9, -9, -9], [2, 1]],
    ['of one length', [3, 2], [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [1, 2, 3, 4, -9, -9, 5, 6, 7, 8, -9, -9], [2, 2]],
    ['of one length, in typed rows without their one feature', [3, 1], [Float32Array.of(1, 2)], [1, 2, -9], [2]],
  ])('to the steps of a model, shorter ones %s', (_what, sample, value, data, lengths) => {
    const shape = [lengths.length, ...sample];
    const padded = toSamples('x', anything(value), sample, undefined, -9);
    expect(padded).toEqual({ data: Float32Array.from(data), shape, lengths });
  }); // prettier-ignore

  test.each<[what: string, sample: number[], value: unknown]>([
    ['a flat array', [3, 2], Float32Array.of(1, 2, 3, 4)],
    ['data with a shape', [3, 2], { data: Float32Array.of(1, 2, 3, 4), shape: [1, 2, 2] }],
    ['steps of one sequence, or single steps of many', [3, 1], [[1], [2]]],
    ['another number of features', [3, 2], [[[1], [2]]]],
    ['features without steps', [3], [[1, 2]]],
  ])('but not %s', (_what, sample, value) => {
    expect(errorOf(() => toSamples('x', anything(value), sample))).toBeInstanceOf(ShapeError);
  });

  test('but not where samples are no sequences, or not nested by step', () => {
    const cases: [sample: (number | null)[], value: unknown, says: string[]][] = [
      [[2], [[1, 2], [3]], ['uneven', 'that at [0] has length 2, and that at [1] length 1', 'same length']],
      [[null, 2], [[1, 2], [3, 4], [5, 6, 7, 8]], ['that at [2] length 4', 'nest them as [samples, timesteps, 2]']],
      [[null, 2], [[[1, 2], [3, 4]], [[1, 2, 3]]], ['uneven', 'an array of length 3 at [1, 0]', 'others have length 2']],
      [[2, 1], [[[1], [2], [3]], [[1]]], ['longest sequence has 3 steps', 'timesteps = 2', 'inputShape: [null, 1]']],
      [[2, 1], [[1, 2, 3], [1]], ['longest sequence has 3 steps', 'timesteps = 2']],
    ]; // prettier-ignore
    for (const [sample, value, says] of cases) {
      const error = errorOf(() => toSamples('model.fit: x', anything(value), sample));
      expect(error).toBeInstanceOf(ShapeError);
      for (const part of ['model.fit: x', ...says]) expect(error.message).toContain(part);
    }
  });

  test('a wrong number in them is named by its place', () => {
    const error = errorOf(() => toSamples('x', anything([[[1], [2]], [[null]]]), [null, 1]));
    expect(error).toBeInstanceOf(ValueError);
    expect(error.message).toContain('x holds null at [1, 0, 0]');
  });
});

describe('targets', () => {
  const six = numbers.slice(0, 6);
  test.each<[what: string, output: number[], value: unknown]>([
    ['one number a sample', [1], six],
    ['one number a sample, typed', [1], Uint8Array.from(six)],
    ['several outputs, flat', [3], Float32Array.from(six)],
    ['several outputs', [3], nested([2, 3])],
    ['one output a step', [3, 1], nested([2, 3])],
    ['one output a step, flat', [3, 1], six],
    ['outputs of steps in flat rows', [3, 1], [Int8Array.from(nested([3]) as number[]), nested([3], 3)]],
  ])('%s', (_what, output, value) => {
    const count = 6 / output.reduce((product, n) => product * n, 1);
    expect(toTargets('y', anything(value), { count }, output)).toEqual({
      data: value instanceof Uint8Array ? Float32Array.from(value) : Float32Array.from(six),
      shape: [count, ...output],
    });
  });

  test('are as ragged as the samples, and no other way', () => {
    const samples = { count: 2, lengths: [1, 2] };
    const ragged = { data: Float32Array.of(1, 0, 0, 2, 3, 0), shape: [2, 3, 1] };
    expect(toTargets('y', [[1], [2, 3]], samples, [3, 1])).toEqual(ragged);
    expect(toTargets('y', [[[1]], [[2], [3]]], samples, [3, 1])).toEqual(ragged);
    expect(besideSamples('sampleWeight', [[1], [2, 3]], samples, [3, 1], OTHER_NUMBERS)).toEqual(ragged);
    const short = { data: Float32Array.of(1, 2, 0, 3, 4, 0), shape: [2, 3, 1] };
    expect(toTargets('y', [[1, 2], [3, 4]], { count: 2, lengths: [2, 2] }, [3, 1])).toEqual(short); // prettier-ignore
    const wrong: [value: unknown, samples: { count: number; lengths?: number[] }, output: number[], says: string][] = [
      [[[1, 2], [3]], samples, [3, 1], 'y: sample 0 has 2 steps, expected 1, as sample 0 of x'],
      [[[1, 2], [3, 4]], { count: 2 }, [3, 1], 'y has shape [2, 2], expected'],
      [[[1, 2], [3, 4]], { count: 2, lengths: [2, 1] }, [3, 1], 'y has shape [2, 2], expected'],
      [[[1], [2, 3]], { count: 2 }, [3, 1], 'only as those of the samples x do'],
      [[[1], [2, 3]], samples, [2], 'that at [0] has length 1, and that at [1] length 2'],
      [[[1], [2, 3], [4]], samples, [3, 1], 'samples = 2'],
    ]; // prettier-ignore
    for (const [value, of, output, says] of wrong) {
      const error = errorOf(() => toTargets('y', anything(value), of, output));
      expect(error).toBeInstanceOf(ShapeError);
      expect(error.message).toContain(says);
    }
  });

  test('of another number are refused', () => {
    const error = errorOf(() => toTargets('model.fit: y', [1, 2, 3], { count: 2 }, [1]));
    expect(error.message).toContain('model.fit: y has shape [3], expected [samples = 2, outputs = 1]');
  });
});
