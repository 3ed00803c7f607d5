import { BUFFER_USAGE, MAP_READ } from './flags.ts';
import type { Nudge } from './nudge.ts';

/** A range of bytes in a buffer. */
export interface Piece {
  buffer: GPUBuffer;
  byteOffset: number;
  bytes: number;
}

/** The most bytes of free staging buffers that are kept for later readings; a larger buffer is used once. */
const MAX_FREE_BYTES = 16 * 2 ** 20;

/**
 * Reads small results without stalling the queue: the copy to a staging buffer is submitted like any other work, and further
 * work is submitted behind it while the staging buffer is mapped.
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

  /** Reads bytes as they are after everything submitted so far. */
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
      // An error of the commands themselves is the cause, so that is what is thrown.
      await accepted;
      throw await this.explain(cause);
    }
  }

  /** Keeps a staging buffer for the next reading, unless enough bytes are free already. */
  #keep(staging: GPUBuffer): void {
    const free = this.#free.reduce((sum, { size }) => sum + size, 0);
    if (this.#isDisposed || free + staging.size > MAX_FREE_BYTES) staging.destroy();
    else this.#free.push(staging);
  }

  /** Takes the smallest free staging buffer that is large enough, or makes one: a power of two of bytes if it can be reused. */
  #take(bytes: number): GPUBuffer {
    const fitting = this.#free.filter((buffer) => buffer.size >= bytes).sort((a, b) => a.size - b.size)[0];
    if (fitting) {
      this.#free.splice(this.#free.indexOf(fitting), 1);
      return fitting;
    }
    const rounded = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)));
    const size = rounded > MAX_FREE_BYTES ? bytes : rounded;
    const usage = BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST;
    return this.device.createBuffer({ label: 'readback staging', size, usage });
  }
}

/** A pending read, whose copy is encoded into the same submission as the work that makes the results. */
export class Reading {
  /** The pieces in order. */
  readonly result: Promise<ArrayBuffer[]>;
  #staging?: GPUBuffer;
  /** How many pieces were copied, and where in the staging buffer they end. */
  #copied = 0;
  #end = 0;
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
    // It is awaited later; until then a failure must not be reported as an unhandled rejection.
    this.result.catch(() => {});
  }

  /** Encodes the copy behind the work that makes the results. */
  encode(encoder: GPUCommandEncoder): void {
    while (this.#copied < this.pieces.length) this.encodeNext(encoder);
  }

  /** Encodes the copy of the next piece, behind the work that makes it. */
  encodeNext(encoder: GPUCommandEncoder): void {
    this.#staging ??= this.take();
    const { buffer, byteOffset, bytes } = this.pieces[this.#copied++];
    encoder.copyBufferToBuffer(buffer, byteOffset, this.#staging, this.#end, bytes);
    this.#end += bytes;
  }

  /**
   * Starts to map the staging buffer, once the copy has been submitted.
   *
   * @param accepted settles when the device has accepted the work and the copy
   */
  sent(accepted: Promise<void>): void {
    this.#settle(this.map(this.#staging!, accepted));
  }

  /** Makes `result` reject, if the work will not be submitted. May be called more than once. */
  fail(error: unknown): void {
    this.#staging?.destroy();
    const failed = Promise.reject(error as Error);
    // After the first call nobody sees this rejection, and it must not be reported as unhandled.
    failed.catch(() => {});
    this.#settle(failed);
  }
}
