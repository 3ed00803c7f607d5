import { BUFFER_USAGE, MAP_READ } from './flags.ts';
import type { Nudge } from './nudge.ts';

/** Some bytes of a buffer. */
export interface Piece {
  buffer: GPUBuffer;
  byteOffset: number;
  bytes: number;
}

/** Bytes of staging buffers that wait for the next reading; a larger result has one of its own. */
const MOST_FREE_BYTES = 16 * 2 ** 20;

/**
 * Brings small results back without stalling the queue: the copy is submitted like any other work, and the staging
 * buffer waits for it on its own while more work is submitted behind it.
 */
export class Readback {
  #free: GPUBuffer[] = [];
  #isDisposed = false;

  /**
   * @param watch runs work whose commands the device may refuse: see `Gpu.watch`
   * @param explain turns a failed read into the error that says why
   */
  constructor(
    private readonly device: GPUDevice,
    private readonly nudge: Nudge,
    private readonly watch: (what: string, act: (accepted: Promise<void>) => void) => void,
    private readonly explain: (cause: unknown) => Promise<Error>,
  ) {}

  /** The bytes as they are after everything submitted before this call. */
  async read(buffer: GPUBuffer, byteOffset: number, bytes: number): Promise<ArrayBuffer> {
    if (bytes === 0) return new ArrayBuffer(0);
    const reading = this.prepare([{ buffer, byteOffset, bytes }]);
    this.send(reading);
    return (await reading.result)[0];
  }

  /** Reads pieces as they are after everything submitted so far. */
  send(reading: Reading): void {
    this.watch(`readback of ${reading.bytes} bytes`, (accepted) => {
      const encoder = this.device.createCommandEncoder({ label: 'readback' });
      reading.encode(encoder);
      this.device.queue.submit([encoder.finish()]);
      reading.sent(accepted);
    });
  }

  /** Prepares to read pieces as they are after work that is still to be submitted. */
  prepare(pieces: readonly Piece[]): Reading {
    const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    return new Reading(
      pieces,
      bytes,
      () => this.#take(bytes),
      (staging, accepted) => this.#map(staging, pieces, bytes, accepted),
    );
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const buffer of this.#free) buffer.destroy();
    this.#free = [];
  }

  async #map(
    staging: GPUBuffer,
    pieces: readonly Piece[],
    bytes: number,
    accepted: Promise<void>,
  ): Promise<ArrayBuffer[]> {
    try {
      await this.nudge.until(staging.mapAsync(MAP_READ, 0, bytes));
      await accepted;
      const mapped = staging.getMappedRange(0, bytes);
      let end = 0;
      const result = pieces.map((piece) => mapped.slice(end, (end += piece.bytes)));
      staging.unmap();
      this.#keep(staging);
      return result;
    } catch (cause) {
      staging.destroy();
      // If commands were refused, that is why.
      await accepted;
      throw await this.explain(cause);
    }
  }

  /** Keeps a staging buffer for the next reading, unless enough bytes are free already. */
  #keep(staging: GPUBuffer): void {
    const free = this.#free.reduce((sum, { size }) => sum + size, 0);
    if (this.#isDisposed || free + staging.size > MOST_FREE_BYTES) staging.destroy();
    else this.#free.push(staging);
  }

  /** The smallest free staging buffer that is large enough, or a new one: with a power of two of bytes if it will be kept. */
  #take(bytes: number): GPUBuffer {
    const fitting = this.#free.filter((buffer) => buffer.size >= bytes).sort((a, b) => a.size - b.size)[0];
    if (fitting) {
      this.#free.splice(this.#free.indexOf(fitting), 1);
      return fitting;
    }
    const rounded = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)));
    const size = rounded > MOST_FREE_BYTES ? bytes : rounded;
    const usage = BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST;
    return this.device.createBuffer({ label: 'readback staging', size, usage });
  }
}

/** Results on their way: whoever submits the work before them encodes their copy into the same submit. */
export class Reading {
  /** The pieces in order. */
  readonly result: Promise<ArrayBuffer[]>;
  #staging?: GPUBuffer;
  #settle!: (result: Promise<ArrayBuffer[]>) => void;

  constructor(
    private readonly pieces: readonly Piece[],
    readonly bytes: number,
    private readonly take: () => GPUBuffer,
    private readonly map: (staging: GPUBuffer, accepted: Promise<void>) => Promise<ArrayBuffer[]>,
  ) {
    this.result = new Promise((resolve) => {
      this.#settle = resolve;
    });
    // Whoever prepared it awaits it; that it failed before must not count as unhandled.
    this.result.catch(() => {});
  }

  /** Encodes the copy behind the work that makes the results. */
  encode(encoder: GPUCommandEncoder): void {
    this.#staging = this.take();
    let end = 0;
    for (const { buffer, byteOffset, bytes } of this.pieces) {
      encoder.copyBufferToBuffer(buffer, byteOffset, this.#staging, end, bytes);
      end += bytes;
    }
  }

  /**
   * The copy was submitted.
   *
   * @param accepted settles when the device has accepted the work before it, and the copy
   */
  sent(accepted: Promise<void>): void {
    this.#settle(this.map(this.#staging!, accepted));
  }

  /** The work before it will not be submitted. May be said more than once. */
  fail(error: unknown): void {
    this.#staging?.destroy();
    const failed = Promise.reject(error as Error);
    // After the first call this settles nothing, and would count as unhandled.
    failed.catch(() => {});
    this.#settle(failed);
  }
}
