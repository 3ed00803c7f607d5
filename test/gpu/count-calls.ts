import { onTestFinished, vi } from 'vitest';

/** Calls of WebGPU that make something, send something or wait for something. */
export interface GpuCalls {
  createBuffer: number;
  createBindGroup: number;
  createComputePipelineAsync: number;
  createShaderModule: number;
  /** Submits of commands are counted; those of nothing, which make a browser look whether work is done, are not. */
  submit: number;
  mapAsync: number;
}

/** Counts calls on all devices from here to the end of the test; what it returns gives the numbers so far. */
export function countGpuCalls(): () => GpuCalls {
  const spies = {
    createBuffer: vi.spyOn(GPUDevice.prototype, 'createBuffer'),
    createBindGroup: vi.spyOn(GPUDevice.prototype, 'createBindGroup'),
    createComputePipelineAsync: vi.spyOn(GPUDevice.prototype, 'createComputePipelineAsync'),
    createShaderModule: vi.spyOn(GPUDevice.prototype, 'createShaderModule'),
    submit: vi.spyOn(GPUQueue.prototype, 'submit'),
    mapAsync: vi.spyOn(GPUBuffer.prototype, 'mapAsync'),
  };
  onTestFinished(() => Object.values(spies).forEach((spy) => spy.mockRestore()));
  const count = (name: keyof GpuCalls): number => spies[name].mock.calls.length;
  return () => ({
    createBuffer: count('createBuffer'),
    createBindGroup: count('createBindGroup'),
    createComputePipelineAsync: count('createComputePipelineAsync'),
    createShaderModule: count('createShaderModule'),
    submit: spies.submit.mock.calls.filter(([commands]) => [...commands].length > 0).length,
    mapAsync: count('mapAsync'),
  });
}

/** How many dispatches are encoded while `run` is under way. */
export async function countDispatches(run: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
  try {
    await run();
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
  }
}
