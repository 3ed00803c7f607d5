import { describe, expect, test } from 'vitest';
import { float16, fromHalfWords, halfWords } from '../reference/float16.ts';

describe('half precision', () => {
  test.each([
    [0, 0x0000],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.1, 0x2e66],
    [1 / 3, 0x3555],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [-(2 ** -24) * 1023, 0x83ff],
  ])('%f has the bits that IEEE 754 gives it', (value, bits) => {
    expect([...halfWords([value])]).toEqual([bits]);
  });

  test.each([
    ['to the nearer', 1 + 0.6 * 2 ** -10, 1 + 2 ** -10],
    ['half to even, down', 1 + 2 ** -11, 1],
    ['half to even, up', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['below zero alike', -1 - 3 * 2 ** -11, -1 - 2 ** -9],
    ['into the next power of two', 2 - 2 ** -12, 2],
    ['what is too large to the largest', 1e6, 65504],
    ['what is too small to zero', 2 ** -26, 0],
  ])('rounds %s', (_case, value, expected) => {
    expect(float16(value)).toBe(expected);
  });

  test('every pair of bits becomes a number and comes back', () => {
    const finite = Array.from({ length: 2 ** 16 }, (_, bits) => bits).filter((bits) => (bits & 0x7c00) !== 0x7c00);
    const words = Uint32Array.from({ length: finite.length / 2 }, (_, n) => finite[2 * n] | (finite[2 * n + 1] << 16));
    const numbers = fromHalfWords(new Float32Array(words.buffer));
    expect(numbers.map(float16)).toEqual(numbers);
    expect(halfWords(numbers)).toEqual(words);
  });
});
