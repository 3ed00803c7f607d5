/** A compute shader with its buffers, to be dispatched and waited for. */
export interface Probe {
  /** Sends so many dispatches in one pass. @returns milliseconds until all are done */
  dispatch(times: number): Promise<number>;
  /**
   * The same by the clock of the GPU, from the begin of the pass to its end.
   *
   * @returns milliseconds; nothing on a device without `timestamp-query`
   */
  onGpu(times: number): Promise<number | undefined>;
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

/** Two times of the GPU, 64 bits each. */
const TIMES_BYTES = 16;

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

  const encode = (encoder: GPUCommandEncoder, dispatches: number, timestampWrites?: GPUComputePassTimestampWrites) => {
    const pass = encoder.beginComputePass({ timestampWrites });
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
    async onGpu(times) {
      if (!device.features.has('timestamp-query')) return undefined;
      const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
      const resolved = device.createBuffer({
        size: TIMES_BYTES,
        usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
      });
      const encoder = device.createCommandEncoder();
      encode(encoder, times, { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 });
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, TIMES_BYTES);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const [begin, end] = new BigUint64Array(staging.getMappedRange(0, TIMES_BYTES).slice(0));
      staging.unmap();
      querySet.destroy();
      resolved.destroy();
      return Number(end - begin) / 1e6;
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
