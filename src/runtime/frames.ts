import { BUFFER_USAGE } from './flags.ts';
import type { Gpu } from './gpu.ts';

/** WebGPU's default `minUniformBufferOffsetAlignment`: how far apart frames lie. */
export const FRAME_BYTES = 256;

/**
 * A row of small uniform structs, one a replay or one a time step. A dispatch is bound to all of them once and picks
 * one by a dynamic offset, so nothing is bound or created when the frame changes.
 */
export class Frames {
  #buffer?: GPUBuffer;
  /** Byte offset of each frame, in the form `setBindGroup` takes without copying. */
  readonly offsets: Uint32Array;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array<ArrayBuffer>;

  constructor(
    private readonly gpu: Gpu,
    private readonly label: string,
    readonly count: number,
    /** How far apart they lie. What is bound one by one needs the default; a kernel that walks through them does not. */
    private readonly frameBytes = FRAME_BYTES,
  ) {
    const bytes = new ArrayBuffer(count * frameBytes);
    this.#words = new Uint32Array(bytes);
    this.#floats = new Float32Array(bytes);
    this.offsets = Uint32Array.from({ length: count }, (_, index) => index * frameBytes);
  }

  /** Made at its first use, with what the frames hold then. */
  get buffer(): GPUBuffer {
    if (!this.#buffer) {
      const usage = BUFFER_USAGE.UNIFORM | BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_DST;
      this.#buffer = this.gpu.device.createBuffer({ label: this.label, size: this.byteLength, usage });
      this.upload();
    }
    return this.#buffer;
  }

  allocate(): void {
    void this.buffer;
  }

  /** Frames that stay as they are: one for each list of whole numbers. */
  static of(gpu: Gpu, label: string, list: readonly (readonly number[])[]): Frames {
    const frames = new Frames(gpu, label, list.length);
    list.forEach((wholes, index) => frames.set(index, wholes));
    return frames;
  }

  /** Each frame, to be bound by the dispatch that it belongs to. */
  get bindings(): { frames: Frames; index: number }[] {
    return Array.from({ length: this.count }, (_, index) => ({ frames: this, index }));
  }

  /** Fills one frame with the words of a WGSL struct: whole numbers first, then floats. `upload` sends it. */
  set(index: number, wholes: readonly number[], floats: readonly number[] = []): void {
    const word = (index * this.frameBytes) / 4;
    for (let at = 0; at < wholes.length; at++) this.#words[word + at] = wholes[at];
    for (let at = 0; at < floats.length; at++) this.#floats[word + wholes.length + at] = floats[at];
  }

  /** Sends the first `count` frames; they apply to whatever is submitted afterwards. */
  upload(count = this.count): void {
    this.gpu.device.queue.writeBuffer(this.buffer, 0, this.#words, 0, (count * this.frameBytes) / 4);
  }

  /** All frames as a storage buffer, for a kernel that walks through them itself. */
  get binding(): Required<GPUBufferBinding> {
    return { buffer: this.buffer, offset: 0, size: this.byteLength };
  }

  get byteLength(): number {
    return this.count * this.frameBytes;
  }

  dispose(): void {
    this.#buffer?.destroy();
  }
}
