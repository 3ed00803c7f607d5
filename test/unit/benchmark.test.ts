import { describe, expect, test } from 'vitest';
import { benchmarkPlanted, REPLAY_WORK, type Planted } from '../harness/planted-benchmark.ts';
import { randomSeed, rng } from '../harness/random.ts';
import { CARD, SWIFTSHADER, type Notice } from '../harness/stub-device.ts';

describe('a benchmark of candidates', () => {
  const COSTS = [1, 0.7, 1.1, 0.9];
  const FASTEST = 1;

  /** Benchmarks candidates that cost so many milliseconds times `scale`, give or take a tenth, on a card that warms up. */
  function bestOf(
    tick: number,
    notice: Notice,
    { adapterInfo, scale, random }: { adapterInfo: object; scale: number; random: ReturnType<typeof rng> },
  ) {
    const costs = COSTS.map((cost) => cost * scale);
    const slowdown = (worked: number) => random.uniform(0.9, 1.1) / (adapterInfo === CARD && worked < 40 ? 0.2 : 1);
    return benchmarkPlanted({ adapterInfo, tick, notice, costs, slowdown });
  }

  const clocks: [what: string, tick: number, notice: Notice][] = [
    ['100 µs', 0.1, { everyMs: 0 }],
    ['1 ms', 1, { everyMs: 0 }],
    ['16.67 ms', 1000 / 60, { everyMs: 0 }],
    ['100 µs, and work noticed every 2 ms', 0.1, { everyMs: 2 }],
  ];
  // Not on a software adapter, whose samples of a few milliseconds are as short as the pause between two such looks.
  const firefox: (typeof clocks)[number] = [
    '100 µs, and work noticed every 100 ms or upon a submit',
    0.1,
    { everyMs: 100, uponSubmit: true },
  ];
  describe.each([
    ['a GPU', CARD, [...clocks, firefox]],
    ['a software adapter', SWIFTSHADER, clocks],
  ])('on %s', (_class, adapterInfo, ofClass) => {
    test.each(ofClass)(
      'by a clock of %s finds the fastest in 99 of 100 runs, and its throughput',
      async (_what, tick, notice) => {
        const random = rng(randomSeed());
        const RUNS = 200;
        let right = 0;
        for (let run = 0; run < RUNS; run++) {
          const scale = 10 ** random.uniform(-1, 1);
          const { best, took } = await bestOf(tick, notice, { adapterInfo, scale, random });
          if (best.name === String(FASTEST)) right++;
          expect(best.isMeasured).toBe(true);
          // Waiting for the end of a sample, and a tick at each of its ends, may cost some of the throughput.
          expect(best.throughput * scale).toBeGreaterThan(0.3e6);
          expect(best.throughput * scale).toBeLessThan(2.5e6);
          expect(took).toBeLessThan(5000);
        }
        expect(right).toBeGreaterThanOrEqual(0.99 * RUNS);
      },
      120_000,
    );

    test.each([
      ['that stands still', Infinity, { everyMs: 0 }],
      ['of 250 ms', 250, { everyMs: 0 }],
      ['of 100 µs, while work is noticed every 100 ms', 0.1, { everyMs: 100 }],
    ])('by a clock %s takes the rule and remembers nothing', async (_what, tick, notice) => {
      const random = rng(randomSeed());
      const { best, saved } = await bestOf(tick, notice, { adapterInfo, scale: 1, random });
      expect(best).toEqual({
        name: '0',
        throughput: adapterInfo === CARD ? 1e8 : 1e6,
        why: 'by rule: the clock is too coarse to measure',
        isMeasured: false,
        kernels: expect.any(String),
      });
      expect(saved).toEqual(['card', {}]);
    });

    test('ends in time where every candidate takes seconds', async () => {
      const random = rng(randomSeed());
      const { took } = await bestOf(0.1, { everyMs: 0 }, { adapterInfo, scale: 2000, random });
      expect(took).toBeLessThan(20_000);
    });
  });
});

describe('the planted fastest of four candidates', () => {
  type Options = Pick<Planted, 'adapterInfo' | 'features' | 'timestamps'>;
  const STRETCH_MS = 10;
  /** Twice as long as the warm-up. */
  const MAX_RAMP_MS = 100;

  /**
   * Of four candidates in any order one is 10 % faster than the second. The clock rate begins at a fifth and rises for up to 100 ms
   * of work. Work varies by 2 % from one stretch of 10 ms to the next, and something else takes up to half of every twentieth.
   */
  function drawn(random: ReturnType<typeof rng>) {
    const fastest = Math.floor(random.uniform(0, 4));
    const scale = 10 ** random.uniform(-1, 1);
    const others = [1, random.uniform(1, 1.3), random.uniform(1, 1.3)].map((cost) => cost * scale);
    const costs = [...others.slice(0, fastest), 0.9 * scale, ...others.slice(fastest)];
    const ramp = random.uniform(20, MAX_RAMP_MS);
    let stretch = { from: -STRETCH_MS, slowdown: 1 };
    const slowdown = (worked: number) => {
      if (worked >= stretch.from + STRETCH_MS) {
        const isShared = random.uniform(0, 1) < 0.05;
        stretch = { from: worked, slowdown: random.uniform(0.98, 1.02) * (isShared ? random.uniform(1, 1.5) : 1) };
      }
      return stretch.slowdown / Math.min(1, 0.2 + (0.8 * worked) / ramp);
    };
    return { fastest, costs, slowdown };
  }

  /** The share of runs by a clock of 100 µs, while work is noticed every 2 ms, that find the fastest. */
  async function shareRight(options: Options, runs: number): Promise<number> {
    const random = rng(randomSeed());
    let right = 0;
    for (let run = 0; run < runs; run++) {
      const { fastest, ...planted } = drawn(random);
      const { best } = await benchmarkPlanted({ tick: 0.1, notice: { everyMs: 2 }, ...planted, ...options });
      if (best.name === String(fastest)) right++;
    }
    return right / runs;
  }

  const TIMESTAMPS = ['timestamp-query'];
  test.each<[what: string, runs: number, options: Options]>([
    ['by the clock', 1000, {}],
    ['by timestamps', 1000, { features: TIMESTAMPS }],
    ['by the clock, where timestamps are all zero', 200, { features: TIMESTAMPS, timestamps: () => [0n, 0n] }],
    ['by the clock, where timestamps run backwards', 200, { features: TIMESTAMPS, timestamps: () => [7n, 0n] }],
  ])('%s wins 99 of 100 of %i runs', async (_what, runs, options) => {
    expect(await shareRight({ adapterInfo: CARD, ...options }, runs)).toBeGreaterThanOrEqual(0.99);
  });
});

describe('timestamps', () => {
  const planted = { adapterInfo: CARD, costs: [2, 1], slowdown: () => 1, features: ['timestamp-query'] };

  test('tell what a replay takes where its end is noticed late', async () => {
    const { best } = await benchmarkPlanted({ ...planted, tick: 0.1, notice: { everyMs: 7 } });
    expect(best.name).toBe('1');
    // A hundredth for a tick of 100 µs at the end of 20 ms.
    expect(best.throughput / REPLAY_WORK).toBeCloseTo(1, 1.5);
  });

  test('do not hide that dispatches are encoded more slowly than they run', async () => {
    const notice = { everyMs: 0 };
    const { best } = await benchmarkPlanted({ ...planted, costs: [0.02, 0.01], tick: 0.1, notice, encodingMs: 0.1 });
    expect(best.name).toBe('0');
    expect(best.throughput / REPLAY_WORK).toBeCloseTo(10, 0);
  });
});
