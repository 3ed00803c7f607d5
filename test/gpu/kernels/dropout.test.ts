import { describe, expect, test } from 'vitest';
import { dropElements } from '../../../src/shaders/layers/dropout.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { dropoutFactors } from '../../reference/counted-random.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { update } from './updates.ts';

function drop(input: Float32Array, rate: number, seed: number, stream: number, DISTINCT = input.length) {
  const SCALE = rate === 1 ? 0 : 1 / (1 - rate);
  const constants = { ELEMENTS: input.length, DISTINCT, FIRST: 0, STREAM: stream, RATE: rate, SCALE, ADD: 0 };
  return runKernel(dropElements, { update: update({ seed }), input, output: unwritten(input.length) }, constants);
}

const ones = (count: number) => new Float32Array(count).fill(1);

/** Numbers of elements that a share `rate` of `count` may miss by: six deviations, one miss in 5e8 tries. */
const leeway = (count: number, share: number) => 6 * Math.sqrt(count * share * (1 - share));

describe('dropout', () => {
  test.each([
    { count: 1, rate: 0.5 },
    { count: 65, rate: 0.3 },
    { count: 1000, rate: 0.9 },
    { count: 100, rate: 1 },
    { count: 100, rate: 0 },
  ])('$count elements at rate $rate', async ({ count, rate }) => {
    const random = rng(randomSeed());
    const [seed, stream] = [random.integer(0, 2 ** 32 - 1), random.integer(0, 2 ** 32 - 1)];
    const input = random.array(count, 1);
    const { output } = await drop(input, rate, seed, stream);
    const expected = dropoutFactors(count, rate, seed, stream).map((factor, index) => factor * input[index]);
    expectClose(output, expected, {
      atol: 0,
      rtol: 2e-7,
      what: 'output',
      reason: 'a rounded scale, a rounded product',
    });
  });

  test('repeats its draws where they are shared', async () => {
    const { output } = await drop(ones(70), 0.5, 1, 2, 10);
    const factors = [...dropoutFactors(10, 0.5, 1, 2)];
    expect([...output]).toEqual(Array.from({ length: 7 }, () => factors).flat());
  });

  test.each([0.1, 0.5, 0.8])(
    'keeps the mean, drops a share of %f, and any two elements are independent',
    async (rate) => {
      const random = rng(randomSeed());
      const count = 200_000;
      const { output } = await drop(ones(count), rate, random.integer(0, 2 ** 32 - 1), random.integer(0, 2 ** 32 - 1));
      const dropped = output.filter((value) => value === 0).length;
      expect(Math.abs(dropped - rate * count)).toBeLessThan(leeway(count, rate));
      const mean = output.reduce((sum, value) => sum + value, 0) / count;
      expect(Math.abs(mean - 1)).toBeLessThan(leeway(count, rate) / count / (1 - rate));
      for (const distance of [1, 2, 64, 1000]) {
        const pairs = count - distance;
        const both = output.subarray(distance).filter((value, index) => value === 0 && output[index] === 0).length;
        // Neighbouring pairs share an element, which widens the spread by less than twice.
        expect(Math.abs(both - rate ** 2 * pairs)).toBeLessThan(2 * leeway(pairs, rate ** 2));
      }
    },
  );

  test('draws others for another update and for another layer', async () => {
    const random = rng(randomSeed());
    const [seed, stream] = [random.integer(0, 2 ** 32 - 2), random.integer(0, 2 ** 32 - 2)];
    const count = 100_000;
    const draw = async (...which: [number, number]) => (await drop(ones(count), 0.5, ...which)).output;
    const first = await draw(seed, stream);
    expect(await draw(seed, stream)).toEqual(first);
    for (const other of [await draw(seed + 1, stream), await draw(seed, stream + 1)]) {
      const same = other.filter((value, index) => value === first[index]).length;
      expect(Math.abs(same - count / 2)).toBeLessThan(leeway(count, 0.5));
    }
  });
});
