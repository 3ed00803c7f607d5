import type { Gpu } from '../../runtime/gpu.ts';
import { Tensor } from '../../runtime/tensor.ts';

/** The least numbers that it has room for. */
const MIN_SIZE = 1024;

/** Memory on the GPU to which the inputs of a submit are written at once, before they are copied to where they are read. */
export class Upload {
  #tensor?: Tensor;

  constructor(
    private readonly gpu: Gpu,
    private readonly label: string,
  ) {}

  /**
   * Memory for so many numbers, which may hold others already.
   *
   * @param accepted settles when the device has accepted it; if it refuses, memory is made anew for the next numbers
   * @throws LimitError if the device has no room for so many
   */
  reserve(count: number, accepted: Promise<void>): Tensor {
    if (!this.#tensor || this.#tensor.size < count) {
      const size = Math.max(MIN_SIZE, 2 ** Math.ceil(Math.log2(count)));
      const larger = Tensor.create(this.gpu, this.label, [size]);
      this.dispose();
      this.#tensor = larger;
      accepted.catch(() => this.dispose());
    }
    return this.#tensor;
  }

  /** Writes numbers; takes effect before what is submitted next. The rest is as in `reserve`. */
  write(numbers: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, accepted: Promise<void>): Tensor {
    const tensor = this.reserve(numbers.length, accepted);
    tensor.write(numbers);
    return tensor;
  }

  dispose(): void {
    this.#tensor?.dispose();
    this.#tensor = undefined;
  }
}
