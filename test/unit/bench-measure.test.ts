import { describe, expect, test } from 'vitest';
import { agreement } from '../../bench/measure/agreement.ts';
import { rounds, sampleCount } from '../../bench/measure/rounds.ts';
import { quantile, summarize } from '../../bench/measure/statistics.ts';
import { warmUp } from '../../bench/measure/warm-up.ts';
import { withinTime } from '../../bench/measure/within-time.ts';
import { makeInputs } from '../../bench/works/inputs.ts';
import { allWorks, works } from '../../bench/works/index.ts';

describe('statistics', () => {
  test('of eleven numbers in disorder', () => {
    const samples = [9, 2, 11, 4, 1, 6, 3, 8, 5, 10, 7];
    expect(summarize(samples)).toEqual({ median: 6, p10: 2, p90: 10 });
    expect(samples[0]).toBe(9);
  });

  test.each([
    [[5], 0.9, 5],
    [[1, 2], 0.5, 1.5],
    [[10, 20, 30, 40], 0.1, 13],
    [[10, 20, 30, 40], 1, 40],
    // As text, 10 would come before 9.
    [[10, 9], 0, 9],
  ])('quantile of %j at %d is %d', (samples, fraction, expected) => {
    expect(quantile(samples, fraction)).toBeCloseTo(expected, 12);
  });
});

describe('rounds', () => {
  test('all are on in every round if all take as many samples', () => {
    expect(rounds([3, 3])).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  test('those with fewer samples are spread, and get exactly as many as they should', () => {
    const plan = rounds([30, 5, 7]);
    expect([0, 1, 2].map((place) => plan.flat().filter((other) => other === place).length)).toEqual([30, 5, 7]);
    const second = plan.flatMap((round, index) => (round.includes(1) ? index : []));
    expect(second).toEqual([5, 11, 17, 23, 29]);
  });

  test('nobody takes part', () => expect(rounds([])).toEqual([]));

  test.each([
    [50, 30],
    [2000, 30],
    [4000, 15],
    [60_000, 5],
  ])('samples of %d ms are taken %d times', (sample, count) => expect(sampleCount(30, sample)).toBe(count));
});

describe('agreement', () => {
  const numbers = (...list: number[]) => [Float32Array.from(list)];

  test('of outputs is relative to their size', () => {
    const { difference, agrees } = agreement({ kind: 'infer' }, numbers(3, 4.5), numbers(3, 4), numbers(9, 9));
    expect(difference).toBeCloseTo(0.1, 12);
    expect(agrees).toBe(false);
    expect(agreement({ kind: 'infer' }, numbers(3, 4.0001), numbers(3, 4), []).agrees).toBe(true);
  });

  test('of weights is relative to how far they moved', () => {
    const { difference } = agreement({ kind: 'train' }, numbers(1, 3), numbers(1, 2), numbers(1, 0));
    expect(difference).toBe(0.5);
  });

  test('of several outputs is that of the worst of them, and of nothing but zeros is 0 or infinite', () => {
    const zeros = numbers(0, 0);
    const compared = (one: Float32Array[], other: Float32Array[]) =>
      agreement({ kind: 'generate' }, [...one, ...other], [...numbers(60, 60), ...numbers(0.3, 0.4)], []);
    expect(compared(numbers(60, 60), numbers(0.3, 0.45)).difference).toBeCloseTo(0.1, 6);
    expect(compared(numbers(60, 61), numbers(0.3, 0.4)).agrees).toBe(false);
    expect(agreement({ kind: 'generate' }, zeros, zeros, []).difference).toBe(0);
    expect(agreement({ kind: 'generate' }, numbers(0, 1), zeros, []).difference).toBe(Infinity);
  });

  test.each([
    ['NaN', numbers(NaN, 4)],
    ['too few numbers', numbers(3)],
    ['an array too many', [...numbers(3, 4), ...numbers(1)]],
  ])('%s agrees with nothing', (_name, actual) => {
    expect(agreement({ kind: 'infer' }, actual, numbers(3, 4), []).agrees).toBe(false);
  });
});

describe('warming up', () => {
  test('takes whole calls where a call makes several pieces', async () => {
    const seen = new Set<number>();
    const run = async (times: number) => {
      seen.add(times);
      await new Promise((resolve) => setTimeout(resolve, times / 30));
    };
    const { times } = await warmUp({ run, result: async () => [], piecesOfCall: 1000, dispose() {} });
    expect(Math.min(...seen)).toBe(1000);
    expect(times % 1000).toBe(0);
  });
});

describe('inputs', () => {
  test('batches come again after a while, and begin with the same ones however many are asked for', () => {
    const inputs = makeInputs(works[0], 1);
    const many = inputs.x(100);
    expect(many.length).toBe(100);
    expect(inputs.x(3)).toEqual(many.slice(0, 3));
    expect(many.slice(16, 32)).toEqual(many.slice(0, 16));
    expect(new Set(many.slice(0, 16)).size).toBe(16);
    expect(inputs.y(100).every((target) => target >= 0 && target < 1)).toBe(true);
  });

  test('every work has an id of its own', () => {
    expect(new Set(allWorks.map(({ id }) => id)).size).toBe(allWorks.length);
  });
});

describe('within time', () => {
  test('what settles is handed on', async () => {
    await expect(withinTime(Promise.resolve(3), 1000)).resolves.toBe(3);
    await expect(withinTime(Promise.reject(new Error('no memory')), 1000)).rejects.toThrow('no memory');
  });

  test('what never settles is given up', async () => {
    await expect(withinTime(new Promise(() => {}), 10)).rejects.toThrow('no answer within 0.01 seconds');
  });
});
