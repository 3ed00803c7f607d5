import { expect, test } from 'vitest';
import { sampleClass } from '../../../src/preprocessing/index.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { pcg3d } from '../../reference/counted-random.ts';

const probabilities = [0.1, 0.4, 0.05, 0.4, 0.05];
const DRAWS = 4000;

/** How often each class is drawn. */
function shares(options: { temperature?: number; topK?: number }, seed = randomSeed()): number[] {
  const counts = probabilities.map(() => 0);
  for (let step = 0; step < DRAWS; step++) counts[sampleClass(probabilities, { seed, step, ...options })]++;
  return counts.map((count) => count / DRAWS);
}

/** Five standard errors of a share. */
const expectShares = (found: readonly number[], expected: readonly number[]) =>
  expected.forEach((share, k) => {
    expect(Math.abs(found[k] - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / DRAWS));
  });

test('classes are drawn as often as is probable', () => {
  expectShares(shares({}), probabilities);
});

test.each([0.5, 2])('a temperature of %f takes a power of the probabilities', (temperature) => {
  const powers = probabilities.map((p) => p ** (1 / temperature));
  const sum = powers.reduce((all, power) => all + power);
  expectShares(
    shares({ temperature }),
    powers.map((power) => power / sum),
  );
});

test('with topK the likeliest are drawn, and of equal ones the first', () => {
  expectShares(shares({ topK: 2 }), [0, 0.5, 0, 0.5, 0]);
  expectShares(
    shares({ topK: 4 }),
    [0.1, 0.4, 0.05, 0.4, 0].map((p) => p / 0.95),
  );
  expectShares(shares({ topK: 1 }), [0, 1, 0, 0, 0]);
  expectShares(shares({ topK: 100 }), probabilities);
});

test('a temperature of 0 takes the likeliest, the first of equal ones, and a tiny one any of these', () => {
  expectShares(shares({ temperature: 0 }), [0, 1, 0, 0, 0]);
  expectShares(shares({ temperature: 1e-30 }), [0, 0.5, 0, 0.5, 0]);
});

test('the random number is that of the kernels', () => {
  const random = rng(randomSeed());
  const fine = new Float32Array(4096).fill(1);
  for (let step = 0; step < 50; step++) {
    const seed = random.integer(0, 2 ** 32 - 1);
    const [bits] = pcg3d([step, seed, 0]);
    expect(sampleClass(fine, { seed, step })).toBe(bits >>> 20);
  }
});

test('what is refused says so', () => {
  const options = { seed: 1, step: 0 };
  expect(() => sampleClass([0, 0], options)).toThrow('none of which is above 0');
  expect(() => sampleClass([0.5, NaN], options)).toThrow('probability 1 is NaN');
  expect(() => sampleClass([0.5, -1], options)).toThrow('probability 1 is -1');
  expect(() => sampleClass(0.5 as never, options)).toThrow('expected a list');
  expect(() => sampleClass([1], { seed: -1, step: 0 })).toThrow('seed is -1');
  expect(() => sampleClass([1], { seed: 1, step: 0.5 })).toThrow('step is 0.5');
  expect(() => sampleClass([1], { ...options, temperature: -1 })).toThrow('temperature is -1');
  expect(() => sampleClass([1], { ...options, topK: 0 })).toThrow('topK is 0');
});
