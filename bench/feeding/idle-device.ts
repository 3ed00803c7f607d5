import { withoutMemory } from '../compile/without-memory.ts';

const LIMITS = {
  maxBufferSize: 2 ** 31,
  maxStorageBufferBindingSize: 2 ** 31,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
};

/** A GPU that does nothing, at once, and how many bytes were uploaded to it. What is left of an update is its JavaScript. */
export function idleDevice(): { device: GPUDevice; uploaded: () => number } {
  let bytes = 0;
  const { queue } = withoutMemory;
  const writeBuffer = (_buffer: unknown, _offset: number, data: ArrayBufferView, from?: number, count?: number) => {
    const each = 'BYTES_PER_ELEMENT' in data ? (data.BYTES_PER_ELEMENT as number) : 1;
    bytes += count === undefined ? data.byteLength - each * (from ?? 0) : each * count;
  };
  const device = {
    ...withoutMemory,
    adapterInfo: { vendor: 'none', architecture: 'idle', subgroupMaxSize: 32 },
    features: new Set(['subgroups']),
    limits: LIMITS,
    lost: new Promise(() => {}),
    addEventListener: () => {},
    destroy: () => {},
    pushErrorScope: () => {},
    popErrorScope: () => Promise.resolve(null),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: () => ({}),
    createComputePipelineAsync: () => Promise.resolve({}),
    queue: { ...queue, writeBuffer },
  };
  return { device: device as unknown as GPUDevice, uploaded: () => bytes };
}
