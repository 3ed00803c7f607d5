import { describe, expect, test } from 'vitest';
import { makeData, SEQUENCE_LENGTH, take } from '../../demo/experiments/data/sequences.ts';
import { prepareSequences, restoreSequences } from '../../demo/experiments/data/prepare-sequences.ts';

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);

describe('the data', () => {
  const { train, test: held } = makeData(1);

  test.each([
    ['train', train, 1000],
    ['test', held, 200],
  ])(
    'the %s half has a one in front of exactly every second sequence, and it is the target',
    (_name, { x, y }, sequences) => {
      expect(x.shape).toEqual([sequences, SEQUENCE_LENGTH]);
      expect(y.shape).toEqual([sequences, 1]);
      expect(sum(y.data)).toBe(sequences / 2);
      expect(sum(x.data)).toBe(sequences / 2);
      const firsts = x.data.filter((_, index) => index % SEQUENCE_LENGTH === 0);
      expect(firsts).toEqual(y.data);
    },
  );

  test('a seed always draws the same, another seed something else', () => {
    expect(makeData(1)).toEqual(makeData(1));
    expect(makeData(2).train.y.data).not.toEqual(train.y.data);
  });

  test('the ones are spread, not bunched', () => {
    const quarters = [0, 250, 500, 750].map((start) => sum(train.y.data.subarray(start, start + 250)));
    for (const ones of quarters) expect(Math.abs(ones - 125)).toBeLessThan(40);
  });
});

describe('prepareSequences', () => {
  test("cuts the post's example as the post does", () => {
    const x = { data: Float32Array.of(1, 0, 0, 0, 0), shape: [1, 5] };
    const y = { data: Float32Array.of(1), shape: [1, 1] };
    const windows = prepareSequences(x, y, 2);
    expect(windows.x).toEqual({ data: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0), shape: [4, 2, 1] });
    expect(windows.y).toEqual({ data: Float32Array.of(1, 1, 1, 1), shape: [4, 1] });
    expect(restoreSequences(windows.x, windows.y, 5)).toEqual({ x, y });
  });

  test('keeps the order: sequence after sequence, each from its start', () => {
    const x = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
    const y = { data: Float32Array.of(7, 8), shape: [2, 1] };
    const windows = prepareSequences(x, y, 2);
    expect([...windows.x.data]).toEqual([1, 2, 2, 3, 4, 5, 5, 6]);
    expect([...windows.y.data]).toEqual([7, 7, 8, 8]);
    expect(restoreSequences(windows.x, windows.y, 3)).toEqual({ x, y });
  });

  test("gives the post's shapes", () => {
    const { train, test: held } = makeData(3);
    expect(prepareSequences(train.x, train.y, 10).x.shape).toEqual([11_000, 10, 1]);
    expect(prepareSequences(train.x, train.y, 10).y.shape).toEqual([11_000, 1]);
    expect(prepareSequences(held.x, held.y, 10).x.shape).toEqual([2200, 10, 1]);
  });

  test.each([1, 2, 7, 19, 20])('is undone by restoreSequences, with windows of %i', (windowLength) => {
    const labels = take(makeData(5).train, 12);
    // Numbers that all differ show an exchange which ones and zeros would hide.
    const x = { data: labels.x.data.map((_, index) => index + 1), shape: labels.x.shape };
    const windows = prepareSequences(x, labels.y, windowLength);
    expect(windows.x.shape).toEqual([12 * (21 - windowLength), windowLength, 1]);
    expect(restoreSequences(windows.x, windows.y, 20)).toEqual({ x, y: labels.y });
  });

  test.each([0, 21, 2.5, -1, NaN])('refuses windows of %d', (windowLength) => {
    const { x, y } = makeData(1).test;
    expect(() => prepareSequences(x, y, windowLength)).toThrow(RangeError);
  });

  test('restoreSequences refuses windows that do not make up whole sequences', () => {
    const windows = { data: new Float32Array(8), shape: [4, 2, 1] };
    const labels = { data: new Float32Array(4), shape: [4, 1] };
    expect(() => restoreSequences(windows, labels, 4)).toThrow('4 windows, expected a multiple of 3');
  });
});
