import type { Gpu } from './gpu.ts';
import { Tensor } from './tensor.ts';

/** Tensors of one size, copied one behind the other into a tensor of their own, and later back. */
export class Stack {
  readonly all: Tensor;
  readonly #parts: readonly Tensor[];

  /** @throws LimitError if the device cannot hold or bind so many bytes */
  constructor(
    private readonly gpu: Gpu,
    label: string,
    parts: readonly Tensor[],
  ) {
    this.#parts = parts;
    this.all = Tensor.create(gpu, label, [parts.length, parts[0].size]);
  }

  /** Copies the parts in, as they are after everything submitted so far. */
  gather(): void {
    this.#each((encoder, part, start) => {
      encoder.copyBufferToBuffer(part.buffer, part.byteOffset, this.all.buffer, start, part.byteLength);
    });
  }

  /** Copies the parts back, but for those at the indices in `without`. */
  scatter(without: ReadonlySet<number>): void {
    this.#each((encoder, part, start, index) => {
      if (without.has(index)) return;
      encoder.copyBufferToBuffer(this.all.buffer, start, part.buffer, part.byteOffset, part.byteLength);
    });
  }

  dispose(): void {
    this.all.dispose();
  }

  #each(copy: (encoder: GPUCommandEncoder, part: Tensor, start: number, index: number) => void): void {
    const encoder = this.gpu.device.createCommandEncoder({ label: this.all.label });
    this.#parts.forEach((part, index) => copy(encoder, part, index * part.byteLength, index));
    this.gpu.device.queue.submit([encoder.finish()]);
  }
}
