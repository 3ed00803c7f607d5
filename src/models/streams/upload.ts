import type { Gpu } from '../../runtime/gpu.ts';
import { Tensor } from '../../runtime/tensor.ts';

/** The least numbers that it has room for. */
const MIN_SIZE = 1024;

/** Memory on the GPU to which the inputs of a submit are written at once, before they are copied to where they are read. */
export class Upload {
  #tensor?: Tensor;

  constructor(private readonly gpu: Gpu) {}

  /** Writes numbers; takes effect before what is submitted next. @throws LimitError if the device has no room for so many */
  write(numbers: Float32Array<ArrayBuffer>): Tensor {
    if (!this.#tensor || this.#tensor.size < numbers.length) {
      const size = Math.max(MIN_SIZE, 2 ** Math.ceil(Math.log2(numbers.length)));
      const larger = Tensor.create(this.gpu, 'inputs of streams', [size]);
      this.dispose();
      this.#tensor = larger;
    }
    this.#tensor.write(numbers);
    return this.#tensor;
  }

  dispose(): void {
    this.#tensor?.dispose();
  }
}
