/** What a stub device was asked to do. */
export interface StubCalls {
  dispatches: number;
  submits: number;
}

/**
 * A device that does nothing and says that all is done: for what the library decides and sends by itself. Buffers read as
 * zeros.
 *
 * @param info what it says of its adapter
 */
export function stubDevice(info: Partial<GPUAdapterInfo>, features: readonly string[] = ['subgroups']) {
  const calls: StubCalls = { dispatches: 0, submits: 0 };
  const pass = {
    setPipeline() {},
    setBindGroup() {},
    dispatchWorkgroups() {
      calls.dispatches++;
    },
    end() {},
  };
  const device = {
    adapterInfo: info,
    features: new Set(features),
    limits: {
      maxBufferSize: 2 ** 31,
      maxStorageBufferBindingSize: 2 ** 31,
      maxStorageBuffersPerShaderStage: 8,
      maxComputeWorkgroupsPerDimension: 65_535,
      maxComputeWorkgroupStorageSize: 16_384,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupSizeX: 256,
    },
    lost: new Promise(() => {}),
    addEventListener() {},
    pushErrorScope() {},
    popErrorScope: () => Promise.resolve(null),
    createBuffer: ({ size }: { size: number }) => ({
      size,
      mapAsync: () => Promise.resolve(),
      getMappedRange: (_offset: number, bytes: number) => new ArrayBuffer(bytes),
      unmap() {},
      destroy() {},
    }),
    createBindGroup: () => ({}),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: () => ({}),
    createComputePipelineAsync: () => Promise.resolve({}),
    createCommandEncoder: () => ({ beginComputePass: () => pass, copyBufferToBuffer() {}, finish: () => ({}) }),
    queue: {
      submit(commands: unknown[]) {
        if (commands.length > 0) calls.submits++;
      },
      writeBuffer() {},
      onSubmittedWorkDone: () => Promise.resolve(),
    },
    destroy() {},
  };
  return { device: device as unknown as GPUDevice, calls };
}
