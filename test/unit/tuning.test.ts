import { describe, expect, test, vi } from 'vitest';
import { lstm, requestGpu, sequential, sgd } from '../../src/index.ts';
import { tilesToTry, type ProductSizes } from '../../src/models/operations/products/product-tiles.ts';
import type { Cell } from '../../src/models/operations/recurrence/cell.ts';
import { timeChunks, timeLoops, type TimeLoop } from '../../src/models/operations/recurrence/time-loop.ts';
import { benchmark } from '../../src/runtime/autotune/benchmark.ts';
import type { TuningStorage } from '../../src/runtime/autotune/tuning-storage.ts';
import type { Scratch } from '../../src/runtime/autotune/tuning-task.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { randomSeed, rng } from '../harness/random.ts';
import { CARD, FakeTime, stubDevice, SWIFTSHADER, type Notice } from '../harness/stub-device.ts';

describe('a benchmark of candidates', () => {
  const COSTS = [1, 0.7, 1.1, 0.9];
  const FASTEST = 1;

  /** Benchmarks candidates that cost so many milliseconds times `scale`, give or take a tenth, on a card that warms up. */
  async function bestOf(
    tick: number,
    notice: Notice,
    { adapterInfo, scale, random }: { adapterInfo: object; scale: number; random: ReturnType<typeof rng> },
  ) {
    const time = new FakeTime(tick);
    let worked = 0;
    const costOf = (label: string) => {
      const rate = adapterInfo === CARD && worked < 40 ? 0.2 : 1;
      const cost = (COSTS[Number(label)] * scale * random.uniform(0.9, 1.1)) / rate;
      worked += cost;
      return cost;
    };
    const { device } = stubDevice({ adapterInfo, time, notice, costOf });
    const save = vi.fn<TuningStorage['save']>(() => Promise.resolve());
    const storage = { store: { load: () => Promise.resolve(undefined), save }, key: 'card' };
    const gpu = new Gpu(device, false, { isTuning: true, storage });
    const candidates = COSTS.map((_, index) => ({ name: String(index) }));
    const record = ({ name }: { name: string }, { plan }: Scratch) => {
      plan.ready = () => Promise.resolve();
      plan.encode = (pass) => {
        pass.setPipeline({ label: name } as GPUComputePipeline);
        pass.dispatchWorkgroups(1);
      };
      return 1e6;
    };
    const task = { key: 'work', kernels: [], candidates, work: 1e9, record };
    await time.run(benchmark(gpu, [task]));
    await time.run(Promise.resolve());
    vi.unstubAllGlobals();
    return { best: gpu.tuningCache.get(task)!, took: time.now, saved: save.mock.calls.at(-1) as unknown[] | undefined };
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

test.each([Infinity, 1e300, 1e6, 1, 1e-300, 0, -1, NaN])(
  'at a throughput of %f a time loop goes through every step once',
  (throughput) => {
    for (const steps of [1, 7, 1000]) {
      const cut = timeChunks({ schedule: 'fused' } as TimeLoop, steps, 1e5, throughput);
      const seen = cut.flatMap(({ first, count }) => Array.from({ length: count }, (_, index) => first + index));
      expect(seen).toEqual(Array.from({ length: steps }, (_, index) => index));
    }
  },
);

describe('candidates by class of adapter', () => {
  const cell = { hasTiles: true, allowsPersistentWeights: true, gates: 4 } as Cell;
  const loopsOn = (isSoftware: boolean, rows: number) => {
    const { device } = stubDevice({ features: ['subgroups'] });
    return timeLoops({ device, isSoftware }, rows, 128, cell);
  };
  const tilesOn = (isSoftware: boolean, sizes: ProductSizes, maxComputeInvocationsPerWorkgroup = 256) =>
    tilesToTry({ isSoftware, device: { limits: { maxComputeInvocationsPerWorkgroup } } }, sizes).map(
      ({ name }) => name,
    );

  test.each([1, 4, 8, 64])(
    'time loops of %i rows: a GPU is offered neither persistent weights nor quads above 8 rows',
    (rows) => {
      const onGpu = loopsOn(false, rows);
      expect(onGpu[0].loading).toBe('alone');
      expect(onGpu.some(({ hasPersistentWeights }) => hasPersistentWeights)).toBe(false);
      expect(onGpu.some(({ loading, tileRows }) => loading === 'quads' && tileRows > 8)).toBe(false);
      const onSoftware = loopsOn(true, rows);
      expect(onSoftware.some(({ hasPersistentWeights }) => hasPersistentWeights)).toBe(rows <= 8);
      expect(onSoftware.every(({ loading }) => loading === 'quads')).toBe(true);
    },
  );

  test('products', () => {
    const sizes = { ROWS: 6400, INNER: 512, COLUMNS: 2048 };
    expect(tilesOn(false, sizes)).toEqual([
      '64 × 64 workgroup-tiled',
      '128 × 128 workgroup-tiled',
      '8 × 8 register-tiled',
    ]);
    expect(tilesOn(true, sizes)).toEqual(['32 × 8 register-tiled', '16 × 8 register-tiled']);
    const inCompatibilityMode = tilesOn(false, sizes, 128);
    expect(inCompatibilityMode).toEqual(['64 × 64 workgroup-tiled', '8 × 8 register-tiled']);
    const narrow = { ROWS: 16, INNER: 4096, COLUMNS: 4096 };
    expect(tilesOn(false, narrow)).toEqual([
      '8 × 8 register-tiled',
      '64 × 64 workgroup-tiled',
      '128 × 128 workgroup-tiled',
    ]);
  });
});

test.each([
  ['a GPU', CARD, 850],
  ['a software adapter', SWIFTSHADER, 2000],
])('an unmeasured update of four layers of 512 units takes few dispatches on %s', async (_class, adapterInfo, most) => {
  const { device, count } = stubDevice({ adapterInfo });
  const gpu = await requestGpu({ device, tuning: 'off' });
  const units = {
    units: 512,
    returnSequences: true,
    kernelInitializer: 'zeros',
    recurrentInitializer: 'zeros',
  } as const;
  const layers = Array.from({ length: 4 }, () => lstm(units));
  const model = await sequential(gpu, { inputShape: [100, 512], layers });
  model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
  const batch = { data: new Float32Array(64 * 100 * 512), shape: [64, 100, 512] };
  await model.trainOnBatch(batch, batch);
  // A dispatch a step, each way, of each layer.
  expect(count.dispatches).toBeGreaterThanOrEqual(2 * 4 * 100);
  expect(count.dispatches).toBeLessThanOrEqual(most);
});
