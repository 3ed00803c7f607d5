import type { Gpu } from './gpu.ts';
import { elementCount, type Shape } from './shape.ts';
import { Tensor } from './tensor.ts';

/** A tensor that may move to other memory: whatever is bound to it must be bound anew then. */
export class MovableTensor {
  #made?: Tensor;

  /** @throws LimitError if the device cannot hold or bind so many bytes */
  constructor(
    private readonly gpu: Gpu,
    readonly label: string,
    readonly shape: Shape,
  ) {
    Tensor.bytesOf(gpu, label, shape);
  }

  /** Where it is now. It is made, all zeros, when it is first asked for. */
  get tensor(): Tensor {
    this.#made ??= Tensor.create(this.gpu, this.label, this.shape);
    return this.#made;
  }

  /** The tensor, unless nobody has asked for it yet. */
  get made(): Tensor | undefined {
    return this.#made;
  }

  /** How many elements. */
  get size(): number {
    return elementCount(this.shape);
  }

  /** From now on it is there, with the numbers that are there. */
  moveTo(place: Tensor): void {
    this.#made?.dispose();
    this.#made = place;
  }

  dispose(): void {
    this.#made?.dispose();
  }
}
