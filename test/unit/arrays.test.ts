import { describe, expect, test } from 'vitest';
import { toArray, type ArrayInput } from '../../src/models/network/arrays.ts';
import { ShapeError, ValueError } from '../../src/runtime/errors.ts';
import { errorOf } from '../harness/error-of.ts';
import { rng } from '../harness/random.ts';

const anything = (value: unknown) => value as ArrayInput;

describe('numbers are taken in every form that JavaScript has', () => {
  const whole = [3, 0, 7, 1, 120, 2];
  const expected = { data: Float32Array.from(whole), shape: [2, 3] };
  const rows = (row: (from: number) => unknown) => [row(0), row(3)];
  const kinds = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ];
  const forms: [name: string, value: unknown][] = [
    ...kinds.flatMap((kind): [string, unknown][] => [
      [kind.name, { data: kind.from(whole), shape: [2, 3] }],
      [`rows of ${kind.name}`, rows((from) => kind.from(whole.slice(from, from + 3)))],
      [`part of ${kind.name}`, { data: kind.from([9, ...whole, 9]).subarray(1, 7), shape: [2, 3] }],
    ]),
    ['BigInt64Array', { data: BigInt64Array.from(whole.map(BigInt)), shape: [2, 3] }],
    ['rows of BigUint64Array', rows((from) => BigUint64Array.from(whole.slice(from, from + 3).map(BigInt)))],
    ['a plain array', { data: whole, shape: [2, 3] }],
    ['nested arrays', rows((from) => whole.slice(from, from + 3))],
    ['nested data with its shape', { data: rows((from) => whole.slice(from, from + 3)), shape: [2, 3] }],
    ['a shape in a typed array', { data: whole, shape: Uint32Array.of(2, 3) }],
    ['an object with a length', { data: Object.assign({ length: 6 }, whole), shape: [2, 3] }],
  ];
  test.each(forms)('%s', (_name, value) => {
    expect(toArray('x', anything(value))).toEqual(expected);
  });

  test('fractions and large numbers become float32, whatever held them', () => {
    const random = rng(11);
    const numbers = Array.from({ length: 200 }, () => random.normal() * 10 ** random.integer(-30, 30));
    const data = toArray('x', { data: Float64Array.from(numbers), shape: [200] }).data;
    expect(data).toEqual(Float32Array.from(numbers));
  });

  test('memory that is shared with other threads is copied', () => {
    const data = new Float32Array(new SharedArrayBuffer(24));
    data.set(whole);
    for (const value of [{ data, shape: [2, 3] }, rows((from) => data.subarray(from, from + 3))]) {
      const taken = toArray('x', value as ArrayInput).data;
      expect(taken).toEqual(expected.data);
      expect(taken.buffer).toBeInstanceOf(ArrayBuffer);
    }
    expect(toArray('x', anything(data)).data.buffer).toBeInstanceOf(ArrayBuffer);
  });

  test('a Float32Array is not copied', () => {
    const data = new Float32Array(6);
    expect(toArray('x', { data, shape: [2, 3] }).data).toBe(data);
  });
});

describe('what is no finite number is refused with its place', () => {
  const missing = ['expected a number', 'missing values', 'lengths', 'masking'];
  const values: [name: string, value: unknown, says: string[]][] = [
    ['null', null, ['holds null at', ...missing]],
    ['undefined', undefined, ['holds undefined at', ...missing]],
    ['an empty text', '', ['holds "" at', ...missing]],
    ['a text of digits', '21', ['holds "21" at', 'expected a number', 'Number()']],
    ['true', true, ['holds true at', 'expected a number', 'Number()']],
    ['a date', new Date(0), ['holds a Date at', 'expected a number', 'Number()']],
    ['NaN', NaN, ['holds NaN at', 'expected finite numbers', 'missing values']],
    ['Infinity', -Infinity, ['holds -Infinity at', 'expected finite numbers']],
    ['too large a number', 1e300, ['holds 1e+300 at', '3.4e38', 'Scale']],
    ['too large a whole number', 2n ** 60n, ['holds 1152921504606846976n at', '2^53 - 1']],
    ['an enormous whole number', 10n ** 400n, ['holds a bigint of 401 digits at', '2^53 - 1']],
  ];
  test.each(values)('%s', (_name, value, says) => {
    const forms = [
      { data: [1, 2, 3, 4, value, 6], shape: [2, 3] },
      [
        [1, 2, 3],
        [4, value, 6],
      ],
      {
        data: [
          [1, 2, 3],
          [4, value, 6],
        ],
        shape: [2, 3],
      },
    ];
    for (const form of forms) {
      const error = errorOf(() => toArray('model.fit: x', anything(form)));
      expect(error).toBeInstanceOf(ValueError);
      for (const part of ['model.fit: x', '[1, 1]', ...says]) expect(error.message).toContain(part);
    }
  });

  test('a hole in a plain array', () => {
    // oxlint-disable-next-line no-sparse-arrays -- the hole is what is tested
    const holed = [1, , 3] as number[];
    expect(errorOf(() => toArray('x', [holed, [1, 2, 3]])).message).toContain('holds undefined at [0, 1]');
    expect(errorOf(() => toArray('x', { data: holed, shape: [3] })).message).toContain('holds undefined at [1]');
  });

  test('uneven arrays, and shapes that do not fit', () => {
    for (const value of [
      [[1, 2], [3]],
      [[1], 2],
      [[1n], 2n],
      [[1], [[2]]],
      { data: [1, 2, 3], shape: [2, 2] },
      { data: [1], shape: [-1] },
      {},
      null,
      5,
    ]) {
      expect(errorOf(() => toArray('x', anything(value)))).toBeInstanceOf(ShapeError);
    }
  });

  test('an array that holds itself, and bytes of no known kind', () => {
    const endless: unknown[] = [];
    endless.push(endless);
    expect(errorOf(() => toArray('x', anything(endless)))).toBeInstanceOf(ShapeError);
    expect(errorOf(() => toArray('x', anything(endless))).message).toContain('holds itself');
    for (const data of [new ArrayBuffer(8), new DataView(new ArrayBuffer(8))]) {
      const { message } = errorOf(() => toArray('x', anything({ data, shape: [2] })));
      expect(message).toContain('new Float32Array(buffer)');
      expect(message).not.toContain('JSON');
    }
    expect(errorOf(() => toArray('x', anything({ data: { 0: 1 }, shape: [1] }))).message).toContain('JSON');
  });

  test('no message holds the contents of a large array', () => {
    const long = Array.from({ length: 100_000 }, () => 'x'.repeat(100));
    for (const value of [long, [long], { data: long, shape: [5] }, { data: long, shape: long }, 'y'.repeat(1e6)]) {
      expect(errorOf(() => toArray('x', anything(value))).message.length).toBeLessThan(500);
    }
  });
});
