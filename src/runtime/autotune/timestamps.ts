import { BUFFER_USAGE } from '../flags.ts';
import type { Gpu } from '../gpu.ts';

/** Bytes of the two timestamps of a pass. */
const BYTES = 16;

const NS_PER_MS = 1e6;

/** The clock of the GPU itself, which tells how long a pass ran, however late its end is noticed. */
export class Timestamps {
  /** Resolution in milliseconds. Chrome rounds timestamps to it, since a finer clock could tell a page about others. */
  static readonly TICK_MS = 0.1;

  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;

  private constructor(private readonly gpu: Gpu) {
    const { device } = gpu;
    this.#queries = device.createQuerySet({ label: 'benchmark', type: 'timestamp', count: 2 });
    const usage = BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC;
    this.#resolved = device.createBuffer({ label: 'benchmark timestamps', size: BYTES, usage });
  }

  /** Makes a clock where the device has the feature `timestamp-query`. */
  static of(gpu: Gpu): Timestamps | undefined {
    return gpu.device.features.has('timestamp-query') ? new Timestamps(gpu) : undefined;
  }

  /** Submits a pass. @returns the milliseconds that it ran, once it has: any number where the clock is broken */
  submit(record: (pass: GPUComputePassEncoder) => void): Promise<number> {
    const reading = this.gpu.readback.prepare([{ buffer: this.#resolved, byteOffset: 0, bytes: BYTES }]);
    this.gpu.watch('benchmark', (accepted) => {
      this.gpu.submitCommands('benchmark', (encoder) => {
        const pass = encoder.beginComputePass({
          label: 'benchmark',
          timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
        });
        record(pass);
        pass.end();
        encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
        reading.encode(encoder);
      });
      reading.sent(accepted);
    });
    return reading.result.then(([bytes]) => {
      const [begin, end] = new BigUint64Array(bytes);
      return Number(end - begin) / NS_PER_MS;
    });
  }

  dispose(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
  }
}
