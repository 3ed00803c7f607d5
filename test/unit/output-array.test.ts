import { describe, expect, test } from 'vitest';
import { OutputArray } from '../../src/models/training/output-array.ts';
import { ValueError } from '../../src/runtime/errors.ts';

const vectors = new OutputArray(Float32Array.of(0.25, 0.5, 0.125, 4, -1, 4), [2, 3]);
const sequences = new OutputArray(Float32Array.of(1, 2, 4, 3, -2, -1, 0, 0), [2, 2, 2]);

describe('a prediction', () => {
  test('becomes nested arrays', () => {
    expect(vectors.toNested()).toEqual([
      [0.25, 0.5, 0.125],
      [4, -1, 4],
    ]);
    expect(sequences.toNested<number[][][]>()[1][0]).toEqual([-2, -1]);
  });

  test('gives the outputs of one sample as a part of its numbers', () => {
    expect(vectors.row(1)).toEqual(Float32Array.of(4, -1, 4));
    expect(sequences.row(1)).toEqual(Float32Array.of(-2, -1, 0, 0));
    expect(vectors.row(1).buffer).toBe(vectors.data.buffer);
  });

  test.each([2, -1, 0.5, NaN, '1'])('has no sample %s', (sample) => {
    expect(() => vectors.row(sample as number)).toThrow(ValueError);
    expect(() => vectors.row(sample as number)).toThrow('expected a number from 0 to 1');
  });

  test('tells the largest output, the first of equals', () => {
    expect(vectors.argmax()).toEqual([1, 0]);
    expect(sequences.argmax<number[][]>()).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  test('is no more than data and shape to JSON, to a worker and to equality', () => {
    const { data, shape } = vectors;
    expect(Object.keys(vectors)).toEqual(['data', 'shape']);
    expect(structuredClone(vectors)).toEqual({ data, shape });
  });
});
