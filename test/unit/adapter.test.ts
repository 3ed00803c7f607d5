import { describe, expect, test } from 'vitest';
import { adapterKey, isSoftwareAdapter, type AdapterClass, type AdapterInfo } from '../../src/runtime/adapter.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { CARD, stubDevice, SWIFTSHADER } from '../harness/stub-device.ts';

describe('an adapter', () => {
  test.each<[what: string, info: AdapterInfo, expected: AdapterClass]>([
    ["Chrome's SwiftShader", SWIFTSHADER, 'software'],
    ['a fallback adapter', { isFallbackAdapter: true }, 'software'],
    ['lavapipe in Deno', { vendor: '65541', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, 'software'],
    ['WARP in Deno', { vendor: '5140', description: 'Microsoft Basic Render Driver' }, 'software'],
    ['WARP in Chrome', { vendor: 'microsoft', architecture: 'warp' }, 'software'],
    ['SwiftShader in Deno', { description: 'SwiftShader Device (Subzero)' }, 'software'],
    ['a card', CARD, 'discrete'],
    ['a card of AMD', { vendor: 'amd', architecture: 'rdna-2' }, 'discrete'],
    ['a card in Deno', { vendor: '4318', description: 'NVIDIA GeForce RTX 3080' }, 'discrete'],
    ['a card of Intel', { vendor: 'intel', architecture: 'xe-2-hpg' }, 'discrete'],
    ['an older card of Intel', { vendor: 'intel', architecture: 'gen-12-hp' }, 'discrete'],
    ['a card of Intel in Deno', { vendor: '32902', description: 'Intel(R) Arc(TM) A770 Graphics (DG2)' }, 'discrete'],
    ["the GPU of Intel's processor", { vendor: 'intel', architecture: 'gen-12-lp' }, 'integrated'],
    ["that of Intel's in Deno", { vendor: '32902', description: 'Intel(R) Arc(TM) Graphics (MTL)' }, 'integrated'],
    ["the GPU of AMD's processor", { vendor: 'amd', description: 'AMD Radeon 780M Graphics' }, 'integrated'],
    ["that of Apple's", { vendor: 'apple', architecture: 'metal-3' }, 'integrated'],
    ["a phone's GPU of narrow subgroups", { vendor: 'arm', architecture: 'bifrost', subgroupMaxSize: 8 }, 'phone'],
    ["a phone's GPU of AMD's design", { vendor: 'samsung', architecture: 'rdna-2' }, 'phone'],
    ["a phone's GPU in Deno", { vendor: '20803', description: 'Adreno (TM) 740' }, 'phone'],
    ['one that tells nothing', {}, 'integrated'],
  ])('%s', (_what, info, expected) => {
    const gpu = new Gpu(stubDevice({ adapterInfo: info }).device, false, { isTuning: false });
    expect(gpu.adapterClass).toBe(expected);
    expect(gpu.isSoftware).toBe(expected === 'software');
    expect(isSoftwareAdapter(info)).toBe(expected === 'software');
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
