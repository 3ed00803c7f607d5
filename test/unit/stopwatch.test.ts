import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Gpu } from '../../src/runtime/gpu.ts';
import { Nudge } from '../../src/runtime/nudge.ts';
import type { Plan } from '../../src/runtime/plan.ts';
import { Stopwatch } from '../../src/runtime/stopwatch.ts';
import { rng } from '../harness/random.ts';

afterEach(() => vi.restoreAllMocks());

interface World {
  /** Milliseconds between two different readings of the clock; Infinity: it stands still. */
  tick: number;
  /** The end of work is noticed at multiples of so many milliseconds. */
  poll: number;
  isSoftware: boolean;
}

type Pass = { ms: number };

/** A GPU and a clock that go by a time of their own. */
function makeWorld({ tick, poll, isSoftware }: World, random: ReturnType<typeof rng>) {
  let time = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 0.002;
    return tick === Infinity ? 1234 : Math.floor(time / tick) * tick;
  });
  let work = 0;
  const gpu = {
    isSoftware,
    submit(_label: string, record: (pass: Pass) => void) {
      const pass = { ms: 0 };
      record(pass);
      // What else the machine does lengthens a sample by a few percent.
      work += pass.ms * random.uniform(1, 1.05);
      time += 0.02;
    },
    settled() {
      time += work + 0.05;
      work = 0;
      time = Math.ceil(time / poll) * poll;
      return Promise.resolve();
    },
  };
  const planOf = (ms: number) => ({ ready: () => Promise.resolve(), encode: (pass: Pass) => void (pass.ms += ms) });
  return { gpu: gpu as unknown as Gpu, planOf: planOf as unknown as (ms: number) => Plan, elapsed: () => time - 1000 };
}

describe('the fastest of several plans is found', () => {
  const worlds: [what: string, world: World][] = [
    ['a clock of 5 µs, as in Chrome', { tick: 0.005, poll: 0.01, isSoftware: true }],
    ['a clock of 100 µs', { tick: 0.1, poll: 0.01, isSoftware: true }],
    ['a clock of 1 ms, on a GPU', { tick: 1, poll: 2, isSoftware: false }],
    ['ends that are noticed every 2 ms', { tick: 0.1, poll: 2, isSoftware: true }],
    ['a clock of 16.67 ms', { tick: 1000 / 60, poll: 0.01, isSoftware: false }],
  ];
  test.each(worlds)('by %s, in 99 of 100 runs at the least', async (_what, world) => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = rng(seed);
    const runs = 200;
    let found = 0;
    for (let run = 0; run < runs; run++) {
      const { gpu, planOf } = makeWorld(world, random);
      // A coarse clock needs more replays to move than one submit should have, where they are very short.
      const base = 10 ** random.uniform(world.tick > 10 ? -1.2 : -2, 1);
      const factors = [1, 1, 1, 1].map(() => random.uniform(1.3, 4));
      const planted = random.integer(0, 3);
      factors[planted] = 1;
      const stopwatch = (await Stopwatch.make(gpu))!;
      const times = await stopwatch.time(factors.map((factor) => planOf(base * factor)));
      if (times.indexOf(Math.min(...times)) === planted) found++;
      for (const time of times) expect(time).toBeGreaterThan(0);
    }
    expect(found, `seed ${seed}`).toBeGreaterThanOrEqual(0.99 * runs);
  });

  test('what a plan takes comes out within a tenth, however coarse the clock', async () => {
    const random = rng(5);
    for (const tick of [0.005, 1, 1000 / 60]) {
      const { gpu, planOf } = makeWorld({ tick, poll: 0.01, isSoftware: true }, random);
      const [time] = await (await Stopwatch.make(gpu))!.time([planOf(0.5)]);
      // Submitting is timed too, and a tick at either end of at least eight.
      expect(time).toBeGreaterThan(0.45);
      expect(time).toBeLessThan(0.65);
    }
  });
});

describe('measuring has an end', () => {
  test('with a clock that stands still, there is no stopwatch', async () => {
    const { gpu } = makeWorld({ tick: Infinity, poll: 0.01, isSoftware: true }, rng(1));
    expect(await Stopwatch.make(gpu)).toBeUndefined();
  });

  test('nor where the end of work is noticed after 200 ms', async () => {
    const { gpu } = makeWorld({ tick: 0.1, poll: 200, isSoftware: true }, rng(1));
    expect(await Stopwatch.make(gpu)).toBeUndefined();
  });

  test.each([true, false])(
    'after some seconds, however slow the work is (software adapter: %s)',
    async (isSoftware) => {
      const { gpu, planOf, elapsed } = makeWorld({ tick: 0.1, poll: 0.01, isSoftware }, rng(2));
      const stopwatch = (await Stopwatch.make(gpu))!;
      await stopwatch.time([50, 60, 70, 80, 90].map(planOf));
      expect(elapsed()).toBeLessThan(6000);
      const before = elapsed();
      await stopwatch.time([2500, 2500, 2500, 2500].map(planOf));
      // One that is under way is waited for: nobody can stop it.
      expect(elapsed() - before).toBeLessThan(3000 + 2 * 2600);
    },
  );
});

test('whoever waits submits nothing until the work is noticed, and then stops', async () => {
  let submits = 0;
  let notice!: () => void;
  const noticed = new Promise<void>((resolve) => {
    notice = resolve;
  });
  // A browser that looks whether work is done only when something is submitted.
  const queue = {
    submit(commands: unknown[]) {
      expect(commands).toEqual([]);
      submits++;
      if (submits === 8) notice();
    },
  };
  const nudge = new Nudge({ queue } as unknown as GPUDevice);
  await Promise.all([nudge.until(noticed), nudge.until(noticed)]);
  expect(submits).toBe(8);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(submits).toBe(8);
});
