import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { lstm, requestGpu, sequential, sgd } from '../../src/index.ts';
import type { Cell } from '../../src/models/operations/recurrence/cell.ts';
import { tilesToTry, type ProductSizes } from '../../src/models/operations/products/product-tiles.ts';
import { timeChunks, timeLoops, type TimeLoop } from '../../src/models/operations/recurrence/time-loop.ts';
import { Acceptance } from '../../src/models/training/engine/acceptance.ts';
import { UpdateQueue, type QueuedUpdate } from '../../src/models/training/engine/update-queue.ts';
import { benchmark } from '../../src/runtime/autotune/benchmark.ts';
import { TuningCache, type TuningCacheOptions } from '../../src/runtime/autotune/tuning-cache.ts';
import type { TuningStorage } from '../../src/runtime/autotune/tuning-storage.ts';
import type { Scratch } from '../../src/runtime/autotune/tuning-task.ts';
import { isSoftwareAdapter, adapterKey } from '../../src/runtime/adapter.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { randomSeed, rng } from '../harness/random.ts';
import { FakeTime, stubDevice, type Notice } from '../harness/stub-device.ts';

const CARD = { vendor: 'nvidia', architecture: 'hopper' };
const SWIFTSHADER = { vendor: 'google', architecture: 'swiftshader', subgroupMaxSize: 4 };

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

describe('updates in a submit', () => {
  /** How many updates of a millisecond each the submits of a long row of them hold, by a clock of ticks. */
  async function submits(tick: number): Promise<number[]> {
    const time = new FakeTime(tick);
    const { device } = stubDevice({ adapterInfo: SWIFTSHADER, time, costOf: () => 1 });
    const queue = new UpdateQueue(new Gpu(device, false, { isTuning: false }));
    const counts: number[] = [];
    const encode = (pass: GPUComputePassEncoder, count: number) => {
      counts.push(count);
      for (let update = 0; update < count; update++) pass.dispatchWorkgroups(1);
    };
    const agenda = { capacity: 10_000, set: () => {}, upload: () => {} };
    const program = { agenda, rows: 1, work: 1e7, mode: 'train' };
    const bound = { program, source: {}, ready: Promise.resolve(), encode, acceptance: new Acceptance() };
    for (let update = 0; update < 3000; update++) queue.push({ bound, entries: [] } as unknown as QueuedUpdate);
    await time.run(queue.flush());
    expect(counts.reduce((sum, count) => sum + count)).toBe(3000);
    return counts;
  }

  test.each([0.1, 1, 1000 / 60])('are as many as take 20 to 40 ms by a clock of %f ms', async (tick) => {
    const counts = (await submits(tick)).slice(20, -1);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(10);
    expect(mean).toBeLessThan(60);
  });

  test('stay as few as they begin where the clock stands still', async () => {
    expect(Math.max(...(await submits(Infinity)))).toBe(2);
  });
});

describe('what was stored as results', () => {
  const KERNELS = [{ source: 'a' }, { source: 'b', preludes: ['c'] }];
  const task = { key: 'work', kernels: KERNELS };

  /** What a cache stores for the candidate `a`. */
  async function stored(): Promise<unknown> {
    const save = vi.fn<TuningStorage['save']>(() => Promise.resolve());
    const storage = { store: { load: () => Promise.resolve(undefined), save }, key: 'card' };
    const cache = new TuningCache({ isTuning: true, storage });
    cache.set(task, { name: 'a', throughput: 5, why: 'measured', isMeasured: true });
    cache.save();
    await Promise.resolve();
    return save.mock.lastCall![1];
  }

  test('is found again', async () => {
    const cache = new TuningCache({ isTuning: true, stored: await stored() });
    expect(cache.get(task)).toMatchObject({ name: 'a', throughput: 5 });
  });

  test.each([
    ['the source of a kernel', [KERNELS[0], { source: 'B', preludes: ['c'] }]],
    ['a prelude', [KERNELS[0], { source: 'b', preludes: ['C'] }]],
    ['an extension', [KERNELS[0], { ...KERNELS[1], extensions: ['f16'] }]],
    ['the list of kernels', [KERNELS[0]]],
  ])('no longer counts when %s has changed', async (_what, kernels) => {
    const cache = new TuningCache({ isTuning: true, stored: await stored() });
    expect(cache.get({ key: 'work', kernels })).toBeUndefined();
  });

  test.each([
    ['no object', 'garbage'],
    ['null', null],
    ['results that are null', { work: null }],
    ['a text for a throughput', { throughput: '1e6' }],
    ['an infinite throughput', { throughput: Infinity }],
    ['no throughput', { throughput: undefined }],
    ['a throughput of 0', { throughput: 0 }],
    ['a negative throughput', { throughput: -1 }],
    ['no name', { name: undefined }],
    ['no digest of the kernels', { kernels: undefined }],
  ])('is ignored if it holds %s', async (_what, change) => {
    const { work } = (await stored()) as { work: object };
    const isEntry = typeof change === 'object' && change !== null && !('work' in change);
    const cache = new TuningCache({ isTuning: true, stored: isEntry ? { work: { ...work, ...change } } : change });
    expect(cache.get(task)).toBeUndefined();
  });
});

describe('an adapter', () => {
  test.each([
    ["Chrome's SwiftShader", SWIFTSHADER, true],
    ['a fallback adapter', { isFallbackAdapter: true }, true],
    ['lavapipe in Deno', { vendor: '65541', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, true],
    ['WARP in Deno', { vendor: '5140', description: 'Microsoft Basic Render Driver' }, true],
    ['WARP in Chrome', { vendor: 'microsoft', architecture: 'warp' }, true],
    ['SwiftShader in Deno', { description: 'SwiftShader Device (Subzero)' }, true],
    ['a card', CARD, false],
    ["a phone's GPU of narrow subgroups", { vendor: 'arm', architecture: 'bifrost', subgroupMaxSize: 8 }, false],
    ['one that tells nothing', {}, false],
  ])('%s', (_what, info, isSoftware) => {
    expect(isSoftwareAdapter(info)).toBe(isSoftware);
    expect(new Gpu(stubDevice({ adapterInfo: info }).device, false, { isTuning: false }).isSoftware).toBe(isSoftware);
  });

  test('without any information is a GPU, and has a name', () => {
    const gpu = new Gpu(stubDevice().device, false, { isTuning: false });
    expect([gpu.isSoftware, gpu.adapterName]).toEqual([false, 'unknown adapter']);
  });

  test('has a key of its own if it differs in any field or limit', () => {
    const keyOf = (adapterInfo: object, limits = {}) => {
      const { device } = stubDevice({ adapterInfo });
      Object.defineProperty(device, 'limits', { value: Object.assign(Object.create(device.limits), limits) });
      return adapterKey(device, device.limits);
    };
    const others = [{ device: '2' }, { vendor: 'amd' }, { architecture: 'ada' }, { description: 'other' }];
    const keys = [
      keyOf(CARD),
      ...others.map((other) => keyOf({ ...CARD, ...other })),
      keyOf(CARD, { maxBufferSize: 1 }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({ ...CARD })).toBe(keys[0]);
    expect(keys[0]).toMatch(/^nvidia hopper [0-9a-f]{8}$/);
  });
});

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
      '16 × 8 register-tiled',
    ]);
    expect(tilesOn(true, sizes)).toEqual(['32 × 8 register-tiled', '16 × 8 register-tiled']);
    const inCompatibilityMode = tilesOn(false, sizes, 128);
    expect(inCompatibilityMode).toEqual(['64 × 64 workgroup-tiled', '16 × 8 register-tiled']);
    const narrow = { ROWS: 16, INNER: 4096, COLUMNS: 4096 };
    expect(tilesOn(false, narrow)[0]).toBe('16 × 8 register-tiled');
    expect(tilesOn(false, narrow)).not.toContain('32 × 8 register-tiled');
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

describe('waiting for work that is noticed every 100 ms, or upon a submit', () => {
  test.each([0.5, 7, 30])('ends soon after %f ms of it, with few submits', async (cost) => {
    const time = new FakeTime(0.1);
    const { device, count } = stubDevice({
      time,
      notice: { everyMs: 100, uponSubmit: true },
      costOf: () => cost,
    });
    const gpu = new Gpu(device, false, { isTuning: false });
    const submit = () => gpu.submit('work', (pass) => pass.dispatchWorkgroups(1));
    submit();
    await time.run(gpu.settled());
    expect(time.now).toBeLessThan(cost + 5);
    submit();
    await time.run(gpu.readback.read({} as GPUBuffer, 0, 4));
    expect(time.now).toBeLessThan(2 * (cost + 5));
    expect(count.emptySubmits).toBeLessThan(2 * (5 + cost / 4));
  });
});

describe('storage of results', () => {
  const options = (save: () => Promise<void>): TuningCacheOptions => ({
    isTuning: true,
    storage: { key: 'card', store: { load: () => Promise.resolve({}), save } },
  });

  test('that does not answer holds requestGpu up for a second at the most', async () => {
    const time = new FakeTime(0.1);
    vi.stubGlobal('indexedDB', { open: () => ({}) });
    const gpu = await time.run(requestGpu({ device: stubDevice({ adapterInfo: CARD }).device }));
    expect(gpu.tuningCache.isTuning).toBe(true);
    expect(time.now).toBeGreaterThan(999);
    expect(time.now).toBeLessThan(1010);
  });

  test('that fails is no error', async () => {
    const open = () => {
      throw new Error('SecurityError');
    };
    vi.stubGlobal('indexedDB', { open });
    onTestFinished(() => void vi.unstubAllGlobals());
    const gpu = await requestGpu({ device: stubDevice({ adapterInfo: CARD }).device });
    expect(gpu.tuningCache.isTuning).toBe(true);
    const cache = new TuningCache(options(() => Promise.reject(new Error('full'))));
    cache.save();
    cache.save();
    await new Promise((resolve) => setTimeout(resolve, 1));
  });

  test.each([
    ['none', []],
    ['the environment', ['env']],
    ['all but writing', ['env', 'sys', 'read']],
  ])('is left alone in Deno with these permissions: %s', async (_which, granted: string[]) => {
    const asked: string[] = [];
    const ask = (what: string) => {
      if (!granted.includes(what)) asked.push(what);
    };
    const env = new Proxy({}, { get: () => ask('env') });
    const modules: Record<string, object> = {
      'node:path': { join: (...parts: string[]) => parts.join('/') },
      'node:os': { homedir: () => (ask('sys'), '/home') },
      'node:fs/promises': { readFile: () => (ask('read'), Promise.resolve('{}')) },
    };
    vi.stubGlobal('process', { env, getBuiltinModule: (name: string) => modules[name] });
    const query = ({ name }: { name: string }) =>
      Promise.resolve({ state: granted.includes(name) ? 'granted' : 'prompt' });
    vi.stubGlobal('Deno', { permissions: { query } });
    const gpu = await requestGpu({ device: stubDevice({ adapterInfo: CARD }).device });
    vi.unstubAllGlobals();
    expect(gpu.tuningCache.isTuning).toBe(true);
    expect(asked).toEqual([]);
  });
});
