/** A compute shader with its buffers, to be dispatched and waited for. */
export interface Probe {
  /** Sends so many dispatches in one pass. @returns milliseconds until all are done */
  dispatch(times: number): Promise<number>;
  /** Sends one dispatch and reads `out` back, so many times in a row. @returns milliseconds until all are read */
  readBack(times: number): Promise<number>;
  dispose(): void;
}

export interface ProbeOptions {
  source: string;
  constants?: Record<string, number>;
  workgroups: number;
  /** Of each binding in order; the last one is `out`. */
  bytes: readonly number[];
}

/** How much of `out` is read back: the states or outputs of one step. */
const READ_BYTES = 512;

export async function makeProbe(device: GPUDevice, options: ProbeOptions): Promise<Probe> {
  const { source, constants, workgroups, bytes } = options;
  const buffers = bytes.map((size) =>
    device.createBuffer({ size: Math.max(size, READ_BYTES), usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC }),
  );
  const staging = device.createBuffer({ size: READ_BYTES, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: source }), constants },
  });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });

  const encode = (encoder: GPUCommandEncoder, dispatches: number) => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    for (let dispatch = 0; dispatch < dispatches; dispatch++) pass.dispatchWorkgroups(workgroups);
    pass.end();
  };

  const probe: Probe = {
    async dispatch(times) {
      const start = performance.now();
      const encoder = device.createCommandEncoder();
      encode(encoder, times);
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return performance.now() - start;
    },
    async readBack(times) {
      const start = performance.now();
      for (let time = 0; time < times; time++) {
        const encoder = device.createCommandEncoder();
        encode(encoder, 1);
        encoder.copyBufferToBuffer(buffers.at(-1)!, 0, staging, 0, READ_BYTES);
        device.queue.submit([encoder.finish()]);
        await staging.mapAsync(GPUMapMode.READ);
        staging.getMappedRange().slice(0);
        staging.unmap();
      }
      return performance.now() - start;
    },
    dispose() {
      for (const buffer of [...buffers, staging]) buffer.destroy();
    },
  };
  // What the GPU refuses to do takes no time at all, and nobody would know.
  device.pushErrorScope('validation');
  await probe.readBack(1);
  const error = await device.popErrorScope();
  if (error) throw new Error(`roofline: the GPU refused a probe: ${error.message}`);
  return probe;
}
