import { describe, expect, test } from 'vitest';
import { lstm, requestGpu, sequential, sgd } from '../../src/index.ts';
import { tilesToTry, type ProductSizes } from '../../src/models/operations/products/product-tiles.ts';
import type { Cell } from '../../src/models/operations/recurrence/cell.ts';
import { timeChunks, timeLoops, type TimeLoop } from '../../src/models/operations/recurrence/time-loop.ts';
import type { AdapterClass } from '../../src/runtime/adapter.ts';
import { CARD, stubDevice, SWIFTSHADER } from '../harness/stub-device.ts';

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
  const loopsOn = (adapterClass: AdapterClass, rows: number) => {
    const { device } = stubDevice({ features: ['subgroups'] });
    return timeLoops({ device, adapterClass }, rows, 128, cell);
  };
  const tilesOn = (adapterClass: AdapterClass, sizes: ProductSizes, maxComputeInvocationsPerWorkgroup = 256) =>
    tilesToTry({ adapterClass, device: { limits: { maxComputeInvocationsPerWorkgroup } } }, sizes).map(
      ({ name }) => name,
    );

  test.each([1, 4, 8, 64])(
    'time loops of %i rows: a GPU is offered neither persistent weights nor quads above 8 rows',
    (rows) => {
      const onGpu = loopsOn('discrete', rows);
      expect(onGpu[0].loading).toBe('alone');
      expect(onGpu.some(({ hasPersistentWeights }) => hasPersistentWeights)).toBe(false);
      expect(onGpu.some(({ loading, tileRows }) => loading === 'quads' && tileRows > 8)).toBe(false);
      expect(loopsOn('integrated', rows)).toEqual(onGpu);
      expect(loopsOn('phone', rows)).toEqual(onGpu.filter(({ loading }) => loading === 'alone'));
      const onSoftware = loopsOn('software', rows);
      expect(onSoftware.some(({ hasPersistentWeights }) => hasPersistentWeights)).toBe(rows <= 8);
      expect(onSoftware.every(({ loading }) => loading === 'quads')).toBe(true);
    },
  );

  const splitKOf = (adapterClass: AdapterClass, rows: number, units: number, threads = 256) => {
    const limits = { maxComputeInvocationsPerWorkgroup: threads };
    const device = { features: new Set(), limits } as unknown as GPUDevice;
    const loops = timeLoops({ device, adapterClass }, rows, units, { ...cell, allowsSplitK: true });
    expect(new Set(loops.map(({ name }) => name)).size).toBe(loops.length);
    const isSplit = loops.map(({ splitKUnits }) => splitKUnits !== undefined);
    return { first: loops[0].name, candidates: isSplit.filter(Boolean).length };
  };

  test.each([
    ['a step of few rows', 'discrete', 16, 768, '16 rows × 8 units, split-K 32'],
    ['a single row', 'discrete', 1, 256, '4 rows × 4 units, split-K 64'],
    ['a step that fills every core', 'discrete', 64, 512, '16 rows × 16 units, split-K 16'],
    ['a GPU of fewer cores', 'integrated', 16, 768, '16 rows × 16 units, split-K 16'],
    ['a GPU of a phone', 'phone', 4, 256, '4 rows × 16 units, split-K 16'],
  ] as const)('time loops split along k, by default for %s', (_what, adapterClass, rows, units, expected) => {
    expect(splitKOf(adapterClass, rows, units)).toEqual({ first: `stepped, ${expected}`, candidates: 3 });
  });

  test('time loops split along k are no candidates on software adapters, for few units, and in compatibility mode', () => {
    expect(splitKOf('software', 16, 768).candidates).toBe(0);
    expect(splitKOf('discrete', 16, 63).candidates).toBe(0);
    expect(splitKOf('discrete', 16, 768, 128).candidates).toBe(0);
  });

  test('products', () => {
    const sizes = { ROWS: 6400, INNER: 512, COLUMNS: 2048 };
    expect(tilesOn('discrete', sizes)).toEqual([
      '64 × 64 workgroup-tiled',
      '128 × 128 workgroup-tiled',
      '8 × 8 register-tiled',
    ]);
    expect(tilesOn('software', sizes)).toEqual(['32 × 8 register-tiled', '16 × 8 register-tiled']);
    expect(tilesOn('integrated', sizes)).toEqual(tilesOn('discrete', sizes));
    expect(tilesOn('phone', sizes)).toEqual(['4 × 4 blocks', '8 × 8 register-tiled', '64 × 64 workgroup-tiled']);
    expect(tilesOn('phone', { ROWS: 64, INNER: 512, COLUMNS: 1 })[0]).toBe('4 × 4 blocks, split-K 4');
    const inCompatibilityMode = tilesOn('discrete', sizes, 128);
    expect(inCompatibilityMode).toEqual(['64 × 64 workgroup-tiled', '8 × 8 register-tiled']);
    const narrow = { ROWS: 16, INNER: 4096, COLUMNS: 4096 };
    expect(tilesOn('discrete', narrow)).toEqual([
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
