const pass = { setPipeline: () => {}, setBindGroup: () => {}, dispatchWorkgroups: () => {}, end: () => {} };

const encoder = {
  beginComputePass: () => pass,
  copyBufferToBuffer: () => {},
  clearBuffer: () => {},
  finish: () => ({}),
};

/** What devices have in common whose buffers have no memory and whose commands are neither recorded nor run. */
export const withoutMemory = {
  createBuffer: ({ size }: GPUBufferDescriptor) => ({
    size,
    destroy: () => {},
    mapAsync: () => Promise.resolve(),
    getMappedRange: (_first: number, bytes: number) => new ArrayBuffer(bytes),
    unmap: () => {},
  }),
  createBindGroup: () => ({}),
  createCommandEncoder: () => encoder,
  queue: {
    writeBuffer: () => {},
    submit: () => {},
    onSubmittedWorkDone: () => Promise.resolve(),
  },
};
