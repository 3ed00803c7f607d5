import { describe, expect, test } from 'vitest';
import { adapterKey, isSoftwareAdapter } from '../../src/runtime/adapter.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { CARD, stubDevice, SWIFTSHADER } from '../harness/stub-device.ts';

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
