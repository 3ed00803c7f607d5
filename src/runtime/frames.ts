import { BUFFER_USAGE } from './flags.ts';
import type { Gpu } from './gpu.ts';
import { StructArray, type NumbersStruct } from './struct.ts';

/** The distance between frames: WebGPU's default `minUniformBufferOffsetAlignment`. */
export const FRAME_BYTES = 256;

/**
 * A row of small uniform structs, one a replay or one a time step. A dispatch is bound to all of them once and picks
 * one by a dynamic offset, so nothing is bound or created when the frame changes.
 */
export class Frames<F extends string = string> {
  #buffer?: GPUBuffer;
  /** Byte offset of each frame, in the form `setBindGroup` takes without copying. */
  readonly offsets: Uint32Array;
  readonly #structs: StructArray<F>;

  constructor(
    private readonly gpu: Gpu,
    private readonly label: string,
    struct: NumbersStruct<F>,
    readonly count: number,
  ) {
    this.#structs = new StructArray(struct, count, FRAME_BYTES);
    this.offsets = Uint32Array.from({ length: count }, (_, index) => index * FRAME_BYTES);
  }

  /** The buffer of all frames, which is made and filled at its first use. */
  get buffer(): GPUBuffer {
    if (!this.#buffer) {
      const usage = BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_DST;
      this.#buffer = this.gpu.device.createBuffer({ label: this.label, size: this.byteLength, usage });
      this.upload();
    }
    return this.#buffer;
  }

  allocate(): void {
    void this.buffer;
  }

  /** Makes frames with fixed contents: one for each record of values. */
  static of<F extends string>(
    gpu: Gpu,
    label: string,
    struct: NumbersStruct<F>,
    list: readonly Readonly<Record<NoInfer<F>, number>>[],
  ): Frames<F> {
    const frames = new Frames(gpu, label, struct, list.length);
    list.forEach((values, index) => frames.#structs.write(index, values));
    return frames;
  }

  /** A binding for each frame, for dispatches that each have a frame of their own. */
  get bindings(): { frames: Frames; index: number }[] {
    return Array.from({ length: this.count }, (_, index) => ({ frames: this, index }));
  }

  /** Sets a field of a frame in the CPU's memory; `upload` sends it to the GPU. */
  get set(): StructArray<F>['set'] {
    return this.#structs.set;
  }

  /** Sends the first `count` frames; they apply to whatever is submitted afterwards. */
  upload(count = this.count): void {
    this.gpu.device.queue.writeBuffer(this.buffer, 0, this.#structs.first(count));
  }

  get byteLength(): number {
    return this.count * FRAME_BYTES;
  }

  dispose(): void {
    this.#buffer?.destroy();
  }
}
