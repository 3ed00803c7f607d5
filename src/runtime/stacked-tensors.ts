import type { Gpu } from './gpu.ts';
import type { MovableTensor } from './movable-tensor.ts';
import { Tensor } from './tensor.ts';

/** Moves tensors of one size into a tensor that holds them all, one behind the other, where they stay. */
export class StackedTensors {
  readonly all: Tensor;
  /** Whether the memory is new, so that the tensors are yet to move in. */
  readonly isNew: boolean;

  /** @throws LimitError if the device cannot hold or bind so many bytes */
  constructor(
    private readonly gpu: Gpu,
    label: string,
    private readonly tensors: readonly MovableTensor[],
  ) {
    const made = tensors.flatMap((tensor) => tensor.made ?? []);
    const joined = made.length === tensors.length ? Tensor.joined(label, made) : undefined;
    this.isNew = joined === undefined;
    this.all = joined ?? Tensor.create(gpu, label, [tensors.length, ...tensors[0].shape]);
  }

  /** Moves the tensors in, with the numbers that they have after everything submitted so far. */
  moveIn(): void {
    if (!this.isNew) return;
    const encoder = this.gpu.device.createCommandEncoder({ label: this.all.label });
    const parts = this.tensors.map(({ label, shape, size, made }, index) => {
      const part = this.all.part(label, shape, index * size);
      if (made) {
        encoder.copyBufferToBuffer(made.buffer, made.byteOffset, part.buffer, part.byteOffset, made.byteLength);
      }
      return part;
    });
    this.gpu.device.queue.submit([encoder.finish()]);
    this.tensors.forEach((tensor, index) => tensor.moveTo(parts[index]));
  }

  /** Gives up this owner's share: the memory lives on with the tensors in it. */
  dispose(): void {
    this.all.dispose();
  }
}
