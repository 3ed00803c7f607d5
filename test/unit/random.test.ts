import { expect, test } from 'vitest';
import { Random } from '../../src/models/network/random.ts';
import { expectClose } from '../harness/expect-close.ts';
import { randomSeed } from '../harness/random.ts';

const COUNT = 20_000;
const draw = (seed: number, of: (random: Random) => number, count = COUNT) => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => of(random));
};
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('the same seed gives the same numbers, another seed others', () => {
  const uniform = (seed: number) => draw(seed, (random) => random.uniform(), 5);
  expect(uniform(7)).toEqual(uniform(7));
  const seeds = [0, 1, -1, 7, 7.5, 2 ** 40];
  expect(new Set(seeds.map((seed) => uniform(seed)[0])).size).toBe(seeds.length);
});

test('uniform lies in [0, 1) and fills it evenly', () => {
  const values = draw(randomSeed(), (random) => random.uniform());
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  const tenths = Array.from(
    { length: 10 },
    (_, tenth) => values.filter((value) => Math.floor(value * 10) === tenth).length,
  );
  expectClose(tenths, Array<number>(10).fill(COUNT / 10), {
    atol: 6 * Math.sqrt(COUNT * 0.09),
    rtol: 0,
    what: 'numbers in each tenth',
    reason: 'six standard deviations',
  });
});

test('normal has mean 0, variance 1 and no skew', () => {
  const values = draw(randomSeed(), (random) => random.normal());
  const moments = [1, 2, 3].map((power) => mean(values.map((value) => value ** power)));
  // The standard deviations of these three means are 1, sqrt(2) and sqrt(15) over the root of the count.
  expectClose(moments, [0, 1, 0], {
    atol: (6 * Math.sqrt(15)) / Math.sqrt(COUNT),
    rtol: 0,
    what: 'first three moments',
    reason: 'six standard deviations of the third',
  });
});

test.each([0, 1, 2, 100])('permutation holds each of %i numbers once', (count) => {
  const order = new Random(randomSeed()).permutation(count);
  expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
});

test('permutation puts a number in every place equally often', () => {
  const random = new Random(randomSeed());
  const places = [0, 0, 0, 0];
  for (let round = 0; round < 4000; round++) places[random.permutation(4).indexOf(0)]++;
  expectClose(places, [1000, 1000, 1000, 1000], {
    atol: 6 * Math.sqrt(4000 * 0.25 * 0.75),
    rtol: 0,
    what: 'places of the first number',
    reason: 'six standard deviations',
  });
});
