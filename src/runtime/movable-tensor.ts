import type { Gpu } from './gpu.ts';
import { elementCount, type Shape } from './shape.ts';
import { Tensor } from './tensor.ts';

/** A tensor that may move to other memory; bind groups with it must be made anew then. */
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

  /** The tensor at its present storage. It is allocated, all zeros, when it is first asked for. */
  get tensor(): Tensor {
    this.#made ??= Tensor.create(this.gpu, this.label, this.shape);
    return this.#made;
  }

  /** The tensor if it has been allocated. */
  get made(): Tensor | undefined {
    return this.#made;
  }

  /** The number of elements. */
  get size(): number {
    return elementCount(this.shape);
  }

  /** Replaces the storage, whose numbers it takes over: the caller copies the old ones first. */
  moveTo(storage: Tensor): void {
    this.#made?.dispose();
    this.#made = storage;
  }

  dispose(): void {
    this.#made?.dispose();
  }
}
