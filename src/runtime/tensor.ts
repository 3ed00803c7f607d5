import { LimitError } from './errors.ts';
import type { Gpu } from './gpu.ts';
import { elementCount, shapeText, type Shape } from './shape.ts';

/** WebGPU's default `minStorageBufferOffsetAlignment`: what is bound on its own starts at a multiple of this. */
const BINDING_ALIGNMENT = 256;

/** The first element at or after `end` where a part of a tensor may begin that is bound on its own. */
export function alignedElements(end: number): number {
  const step = BINDING_ALIGNMENT / 4;
  return Math.ceil(end / step) * step;
}

const USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** An array of 32-bit numbers on the GPU: a piece of a buffer with a label and a shape, row-major, zero at first. */
export class Tensor {
  private constructor(
    private readonly gpu: Gpu,
    readonly label: string,
    readonly shape: Shape,
    readonly buffer: GPUBuffer,
    readonly byteOffset: number,
    private readonly owner: boolean,
  ) {}

  /** @throws LimitError if the device cannot hold or bind so many bytes */
  static create(gpu: Gpu, label: string, shape: Shape): Tensor {
    const bytes = Math.max(4 * elementCount(shape), 4);
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    if (bytes > limit) {
      const share = limit / bytes;
      const rows = Math.floor((shape[0] ?? 1) * share);
      const fits = rows > 0 ? `at most ${rows} in its first dimension` : `at most ${Math.floor(limit / 4)} numbers`;
      throw new LimitError(
        `${label}: shape ${shapeText(shape)} needs ${bytes} bytes, more than this device can bind at once ` +
          `(maxStorageBufferBindingSize ${limit}). With ${fits} it fits.`,
        share,
      );
    }
    const buffer = gpu.device.createBuffer({ label, size: bytes, usage: USAGE() });
    return new Tensor(gpu, label, shape, buffer, 0, true);
  }

  /** How many elements. */
  get size(): number {
    return elementCount(this.shape);
  }

  get byteLength(): number {
    return 4 * this.size;
  }

  get binding(): Required<GPUBufferBinding> {
    return { buffer: this.buffer, offset: this.byteOffset, size: this.byteLength };
  }

  /** How many elements in front of it a binding begins: some before a view that begins anywhere. */
  get elementsBefore(): number {
    return (this.byteOffset % BINDING_ALIGNMENT) / 4;
  }

  /** A part of this tensor under a name and shape of its own; it lives as long as the whole. */
  view(label: string, shape: Shape, elementOffset: number): Tensor {
    return new Tensor(this.gpu, label, shape, this.buffer, this.byteOffset + 4 * elementOffset, false);
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
    if (this.owner) this.buffer.destroy();
  }
}
