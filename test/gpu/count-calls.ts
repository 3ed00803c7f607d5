import { onTestFinished, vi } from 'vitest';

/** Calls of WebGPU that make something, send something or wait for something. */
export interface GpuCalls {
  createBuffer: number;
  createBindGroup: number;
  createComputePipelineAsync: number;
  createShaderModule: number;
  dispatchWorkgroups: number;
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
    dispatchWorkgroups: vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups'),
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
    dispatchWorkgroups: count('dispatchWorkgroups'),
    submit: count('submit'),
    mapAsync: count('mapAsync'),
  });
}
