import type { Gpu } from '../../runtime/gpu.ts';
import { elementCount, type Shape } from '../../runtime/shape.ts';
import { Tensor } from '../../runtime/tensor.ts';
import type { Program, Run } from '../schedules/program.ts';

/** Samples on the GPU, with targets or a place for predictions, that a program runs on. */
export class Dataset {
  readonly run: Run;
  /** Predictions, one a sample; only for a program that predicts. */
  readonly results?: Tensor;
  readonly #x: Tensor;
  readonly #y?: Tensor;
  readonly #tensors: Tensor[] = [];

  /**
   * @param capacity how many samples it holds
   * @throws LimitError if they are more than the device can hold; then nothing is kept
   */
  constructor(
    private readonly gpu: Gpu,
    readonly program: Program,
    readonly capacity: number,
  ) {
    const { inputSample, outputSample, mode } = program;
    try {
      this.#x = this.#tensor('samples', inputSample);
      if (mode === 'predict') this.results = this.#tensor('results', outputSample);
      else this.#y = this.#tensor('targets', outputSample);
      this.run = program.attach({ x: this.#x, y: this.#y, results: this.results });
    } catch (error) {
      this.dispose();
      throw error;
    }
    // Whoever sends updates awaits `ready`; a failure before that must not count as unhandled.
    this.run.ready.catch(() => {});
  }

  /** Writes samples from number `first` on; takes effect before what is submitted next. */
  write(first: number, x: Float32Array<ArrayBuffer>, y?: Float32Array<ArrayBuffer>): void {
    this.#x.write(x, first * elementCount(this.program.inputSample));
    if (y) this.#y?.write(y, first * elementCount(this.program.outputSample));
  }

  dispose(): void {
    for (const tensor of this.#tensors) tensor.dispose();
  }

  #tensor(label: string, sample: Shape): Tensor {
    const tensor = Tensor.create(this.gpu, label, [this.capacity, ...sample]);
    this.#tensors.push(tensor);
    return tensor;
  }
}
