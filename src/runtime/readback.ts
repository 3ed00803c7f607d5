/**
 * Brings small results back without stalling the queue: the copy is submitted like any other work, and the staging
 * buffer waits for it on its own while more work is submitted behind it.
 */
export class Readback {
  #free: GPUBuffer[] = [];

  /** @param explain turns a failed read into the error that says why */
  constructor(
    private readonly device: GPUDevice,
    private readonly explain: (cause: unknown) => Error,
  ) {}

  /** The bytes as they are after everything submitted before this call. */
  async read(source: GPUBuffer, byteOffset: number, bytes: number): Promise<ArrayBuffer> {
    if (bytes === 0) return new ArrayBuffer(0);
    const staging = this.#take(bytes);
    const encoder = this.device.createCommandEncoder({ label: 'readback' });
    encoder.copyBufferToBuffer(source, byteOffset, staging, 0, bytes);
    this.device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, bytes);
    } catch (cause) {
      staging.destroy();
      throw this.explain(cause);
    }
    const result = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    this.#free.push(staging);
    return result;
  }

  dispose(): void {
    for (const buffer of this.#free) buffer.destroy();
    this.#free = [];
  }

  /** The smallest free staging buffer that is large enough, or a new one with a power of two of bytes. */
  #take(bytes: number): GPUBuffer {
    const fitting = this.#free.filter((buffer) => buffer.size >= bytes).sort((a, b) => a.size - b.size)[0];
    if (fitting) {
      this.#free.splice(this.#free.indexOf(fitting), 1);
      return fitting;
    }
    const size = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)));
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    return this.device.createBuffer({ label: 'readback staging', size, usage });
  }
}
