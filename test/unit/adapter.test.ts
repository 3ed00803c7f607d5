import { beforeAll, describe, expect, test, vi } from 'vitest';
import { adam, dense, lstm, requestGpu, sequential } from '../../src/index.ts';
import type { Cell } from '../../src/models/layers/cell.ts';
import { productTiles, tilesToTry } from '../../src/models/schedules/product-tiles.ts';
import { timeLoops } from '../../src/models/schedules/time-loop.ts';
import { adapterKey, adapterName, isSoftwareAdapter, type AdapterInfo } from '../../src/runtime/adapter.ts';
import { stubDevice } from '../harness/stub-device.ts';

const swiftshader: AdapterInfo = {
  vendor: 'google',
  architecture: 'swiftshader',
  subgroupMinSize: 4,
  subgroupMaxSize: 4,
};
const nvidia: AdapterInfo = { vendor: 'nvidia', architecture: 'hopper', subgroupMinSize: 32, subgroupMaxSize: 32 };
const mali: AdapterInfo = { vendor: 'arm', architecture: 'bifrost', subgroupMinSize: 8, subgroupMaxSize: 8 };

describe('a software adapter', () => {
  const cases: [what: string, info: AdapterInfo, isSoftware: boolean][] = [
    ['SwiftShader in Chrome', swiftshader, true],
    ['SwiftShader over wgpu', { vendor: '6880', description: 'SwiftShader Device (LLVM 10.0.0)' }, true],
    ['lavapipe', { vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, true],
    ['WARP', { vendor: 'microsoft', architecture: 'warp' }, true],
    ['WARP by its other name', { description: 'Microsoft Basic Render Driver' }, true],
    ['whatever calls itself a fallback', { isFallbackAdapter: true }, true],
    ['a card', nvidia, false],
    ['a phone with subgroups of 8', mali, false],
    ['a GPU with subgroups of 4', { ...mali, subgroupMinSize: 4, subgroupMaxSize: 4 }, false],
    ['one that tells nothing, as in Firefox', {}, false],
  ];
  test.each(cases)('%s', (_what, info, isSoftware) => {
    expect(isSoftwareAdapter(info)).toBe(isSoftware);
  });

  test('is named for people, and told from others by all that is known', () => {
    expect(adapterName(nvidia)).toBe('nvidia hopper');
    expect(adapterName({})).toBe('unknown adapter');
    expect(adapterName({ vendor: '4318', description: 'NVIDIA H100' })).toBe('NVIDIA H100');
    const keyOf = (info: AdapterInfo, limits = {}) => {
      const { device } = stubDevice(info);
      Object.assign(device.limits, limits);
      return adapterKey(device);
    };
    const keys = [
      keyOf({}),
      keyOf({}, { maxBufferSize: 2 ** 30 }),
      keyOf(nvidia),
      keyOf({ ...nvidia, device: '0x2330' }),
      keyOf({ ...nvidia, description: 'NVIDIA H200' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({})).toBe(keys[0]);
    expect(keys[2]).toMatch(/^nvidia hopper [0-9a-f]{8}$/);
  });
});

describe('candidates are listed by class of adapter', () => {
  beforeAll(() => {
    vi.stubGlobal('GPUBufferUsage', { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 });
    vi.stubGlobal('GPUShaderStage', { COMPUTE: 4 });
    vi.stubGlobal('GPUMapMode', { READ: 1 });
  });
  const gpuOf = (info: AdapterInfo) => requestGpu({ device: stubDevice(info).device, tuning: 'off' });
  const cell: Cell = {
    name: 'lstm',
    gates: 4,
    biases: 1,
    states: ['h', 'c'],
    hasTiles: true,
    keepsWeights: true,
    record: () => () => [],
  };

  test('weights that threads keep, and quads of many rows, on software adapters alone', async () => {
    const [software, card, phone] = await Promise.all([swiftshader, nvidia, mali].map(gpuOf));
    for (const rows of [1, 4, 8]) {
      expect(timeLoops(software, rows, 128, cell).some(({ keepsWeights }) => keepsWeights)).toBe(true);
      for (const gpu of [card, phone]) {
        expect(timeLoops(gpu, rows, 128, cell).some(({ keepsWeights }) => keepsWeights)).toBe(false);
      }
    }
    const widest = (gpu: typeof card) =>
      Math.max(
        ...timeLoops(gpu, 128, 512, cell).flatMap(({ loading, tileRows }) => (loading === 'quads' ? tileRows : 0)),
      );
    expect([software, card, phone].map(widest)).toEqual([32, 8, 8]);
  });

  test('tiles of products: those in registers on a software adapter, those in workgroup memory first on a GPU', async () => {
    const [software, card] = await Promise.all([swiftshader, nvidia].map(gpuOf));
    const sizes = { ROWS: 6400, INNER: 512, COLUMNS: 2048 };
    const { large, middle, staged, stagedLarge } = productTiles;
    expect(tilesToTry(software, sizes)).toEqual([large, middle]);
    expect(tilesToTry(card, sizes)).toEqual([staged, stagedLarge, middle]);
  });

  test('four layers of 512 units, not measured: a GPU is not sent the thousand short dispatches of a processor', async () => {
    const dispatches = async (info: AdapterInfo) => {
      const { device, calls } = stubDevice(info);
      const gpu = await requestGpu({ device, tuning: 'off' });
      const layers = [1, 2, 3, 4].map((n) => lstm({ units: 512, returnSequences: n < 4 }));
      const [B, T, I] = [64, 100, 512];
      const model = await sequential(gpu, {
        inputShape: [T, I],
        layers: [...layers, dense({ units: 1 })],
      });
      model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
      const x = { data: new Float32Array(B * T * I), shape: [B, T, I] };
      await model.trainOnBatch(x, { data: new Float32Array(B), shape: [B, 1] });
      return calls.dispatches;
    };
    const [software, card] = [await dispatches(swiftshader), await dispatches(nvidia)];
    // 800 steps forward and backward, and some thirty products and element-wise kernels.
    expect(card).toBeLessThan(850);
    expect(software).toBeGreaterThan(card);
  });
});
