import { LimitError } from './errors.ts';
import { BUFFER_USAGE } from './flags.ts';
import type { Gpu } from './gpu.ts';
import type { Piece } from './readback.ts';
import { elementCount, shapeText, type Shape } from './shape.ts';

/** WebGPU's default `minStorageBufferOffsetAlignment`: the offset of a binding must be a multiple of this. */
const BINDING_ALIGNMENT = 256;

/** Rounds an offset in elements up to where a binding may begin. */
export function alignedElements(end: number): number {
  const step = BINDING_ALIGNMENT / 4;
  return Math.ceil(end / step) * step;
}

const USAGE = BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST;

/** A buffer that is allocated at its first use and freed when the last of its owners is disposed. */
class Memory {
  #owners = 0;
  #buffer?: GPUBuffer;

  constructor(private readonly make: () => GPUBuffer) {}

  get buffer(): GPUBuffer {
    return (this.#buffer ??= this.make());
  }

  join(): void {
    this.#owners++;
  }

  leave(): void {
    this.#owners--;
    if (this.#owners === 0) this.#buffer?.destroy();
  }
}

/** An array of 32-bit numbers on the GPU: a piece of a buffer with a label and a shape, row-major, zero at first. */
export class Tensor {
  private constructor(
    private readonly gpu: Gpu,
    readonly label: string,
    readonly shape: Shape,
    private readonly memory: Memory,
    readonly byteOffset: number,
    private isOwner: boolean,
  ) {
    if (isOwner) memory.join();
  }

  /** @throws LimitError if the device cannot hold or bind so many bytes */
  static create(gpu: Gpu, label: string, shape: Shape): Tensor {
    const tensor = Tensor.planned(gpu, label, shape);
    tensor.allocate();
    return tensor;
  }

  /**
   * A tensor whose memory is allocated by `allocate` or at its first use.
   *
   * @param data initial values; zeros by default
   * @throws LimitError if the device cannot hold or bind so many bytes
   */
  static planned(gpu: Gpu, label: string, shape: Shape, data?: Float32Array<ArrayBuffer>): Tensor {
    const size = Tensor.bytesOf(gpu, label, shape);
    const memory = new Memory(() => {
      const buffer = gpu.device.createBuffer({ label, size, usage: USAGE });
      if (data) gpu.device.queue.writeBuffer(buffer, 0, data);
      return buffer;
    });
    return new Tensor(gpu, label, shape, memory, 0, true);
  }

  /** Tensors of one shape as a single one, which shares their memory, if they lie one behind the other in it. */
  static joined(label: string, tensors: readonly Tensor[]): Tensor | undefined {
    const [{ gpu, memory, shape, byteOffset, byteLength }] = tensors;
    const isBehind = (tensor: Tensor, n: number) =>
      tensor.memory === memory && tensor.byteOffset === byteOffset + n * byteLength;
    return tensors.every(isBehind)
      ? new Tensor(gpu, label, [tensors.length, ...shape], memory, byteOffset, true)
      : undefined;
  }

  /** How many bytes a tensor of this shape takes. @throws LimitError if the device cannot hold or bind so many */
  static bytesOf(gpu: Gpu, label: string, shape: Shape): number {
    const bytes = Math.max(4 * elementCount(shape), 4);
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    if (bytes > limit) {
      const share = limit / bytes;
      const rows = shape.length > 1 ? Math.floor(shape[0] * share) : 0;
      const fits = rows > 0 ? `at most ${rows} in its first dimension` : `at most ${Math.floor(limit / 4)} numbers`;
      throw new LimitError(
        `${label}: shape ${shapeText(shape)} needs ${bytes} bytes, more than this device can bind at once ` +
          `(maxStorageBufferBindingSize ${limit}). With ${fits} it fits.`,
        share,
      );
    }
    return bytes;
  }

  get buffer(): GPUBuffer {
    return this.memory.buffer;
  }

  allocate(): void {
    void this.buffer;
  }

  /** The number of elements. */
  get size(): number {
    return elementCount(this.shape);
  }

  get byteLength(): number {
    return 4 * this.size;
  }

  /** The tensor's bytes, to be read back together with others. */
  get piece(): Piece {
    return { buffer: this.buffer, byteOffset: this.byteOffset, bytes: this.byteLength };
  }

  get binding(): Required<GPUBufferBinding> {
    return { buffer: this.buffer, offset: this.byteOffset, size: this.byteLength };
  }

  /** How many elements before the tensor its binding must begin, so that it is aligned; 0 unless it is an unaligned view. */
  get elementsBefore(): number {
    return (this.byteOffset % BINDING_ALIGNMENT) / 4;
  }

  /** A part of this tensor under a name and shape of its own; it lives as long as the whole. */
  view(label: string, shape: Shape, elementOffset: number): Tensor {
    return new Tensor(this.gpu, label, shape, this.memory, this.byteOffset + 4 * elementOffset, false);
  }

  /** A part of this tensor that shares its memory, which is freed when all of its owners are disposed. */
  part(label: string, shape: Shape, elementOffset: number): Tensor {
    return new Tensor(this.gpu, label, shape, this.memory, this.byteOffset + 4 * elementOffset, true);
  }

  /** Writes numbers from element `start` on; takes effect before whatever is submitted afterwards. */
  write(data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, start = 0): void {
    this.gpu.device.queue.writeBuffer(this.buffer, this.byteOffset + 4 * start, data);
  }

  /** Reads elements `start` to `end` after everything submitted so far. */
  async read(start = 0, end = this.size): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array(await this.gpu.readback.read(this.buffer, this.byteOffset + 4 * start, 4 * (end - start)));
  }

  dispose(): void {
    if (this.isOwner) this.memory.leave();
    this.isOwner = false;
  }
}
