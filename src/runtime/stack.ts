import type { Gpu } from './gpu.ts';
import type { MovableTensor } from './movable-tensor.ts';
import { Tensor } from './tensor.ts';

/** Tensors of one size, brought one behind the other into a tensor that holds them all. They stay there afterwards. */
export class Stack {
  readonly all: Tensor;
  /** Whether some of the tensors are not in there yet. */
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

  /** Moves the tensors in, as they are after everything submitted so far. */
  moveIn(): void {
    if (!this.isNew) return;
    const encoder = this.gpu.device.createCommandEncoder({ label: this.all.label });
    const places = this.tensors.map(({ label, shape, size, made }, index) => {
      const place = this.all.part(label, shape, index * size);
      if (made) {
        encoder.copyBufferToBuffer(made.buffer, made.byteOffset, place.buffer, place.byteOffset, made.byteLength);
      }
      return place;
    });
    this.gpu.device.queue.submit([encoder.finish()]);
    this.tensors.forEach((tensor, index) => tensor.moveTo(places[index]));
  }

  /** The tensors keep the memory. */
  dispose(): void {
    this.all.dispose();
  }
}
