import { BUFFER_USAGE } from './flags.ts';
import type { Gpu } from './gpu.ts';

/** The most bytes of free buffers that are kept for later. */
const MAX_FREE_BYTES = 16 * 2 ** 20;

const USAGE = BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST;

/**
 * Lends buffers of the GPU. One that came back may be lent again at once, since what its former borrower has submitted runs
 * before what the next one submits.
 */
export class BufferPool {
  readonly #all = new Set<GPUBuffer>();
  readonly #free = new Map<number, GPUBuffer[]>();
  #freeBytes = 0;
  #isDisposed = false;

  constructor(
    readonly gpu: Gpu,
    private readonly label: string,
  ) {}

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Lends a buffer of so many bytes, with any numbers in it. */
  take(size: number): GPUBuffer {
    const free = this.#free.get(size)?.pop();
    if (free) {
      this.#freeBytes -= size;
      return free;
    }
    const buffer = this.gpu.device.createBuffer({ label: this.label, size, usage: USAGE });
    this.#all.add(buffer);
    return buffer;
  }

  /** Takes a buffer back, and keeps it unless enough bytes are free already. */
  giveBack(buffer: GPUBuffer): void {
    const { size } = buffer;
    if (this.#isDisposed) return;
    if (this.#freeBytes + size > MAX_FREE_BYTES) {
      this.drop(buffer);
      return;
    }
    this.#freeBytes += size;
    const free = this.#free.get(size);
    if (free) free.push(buffer);
    else this.#free.set(size, [buffer]);
  }

  /** Takes a buffer back that may be broken, and frees it. */
  drop(buffer: GPUBuffer): void {
    this.#all.delete(buffer);
    buffer.destroy();
  }

  /** Frees all buffers, also those that are lent. */
  dispose(): void {
    this.#isDisposed = true;
    for (const buffer of this.#all) buffer.destroy();
  }
}
