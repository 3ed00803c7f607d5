import type { Gpu } from '../../runtime/gpu.ts';
import { elementCount } from '../../runtime/shape.ts';
import { Tensor } from '../../runtime/tensor.ts';
import type { Program, Run } from '../schedules/program.ts';

/** Samples on the GPU, with targets or a place for predictions, that a program runs on. */
export class Dataset {
  readonly run: Run;
  /** Predictions, one a sample; only for a program that predicts. */
  readonly results?: Tensor;
  readonly #x: Tensor;
  readonly #y?: Tensor;

  /** @param capacity how many samples it holds */
  constructor(
    gpu: Gpu,
    readonly program: Program,
    readonly capacity: number,
  ) {
    const { inputSample, outputSample, mode } = program;
    this.#x = Tensor.create(gpu, 'samples', [capacity, ...inputSample]);
    if (mode === 'predict') this.results = Tensor.create(gpu, 'results', [capacity, ...outputSample]);
    else this.#y = Tensor.create(gpu, 'targets', [capacity, ...outputSample]);
    this.run = program.attach({ x: this.#x, y: this.#y, results: this.results });
    // Whoever sends updates awaits `ready`; a failure before that must not count as unhandled.
    this.run.ready.catch(() => {});
  }

  /** Writes samples from number `first` on; takes effect before what is submitted next. */
  write(first: number, x: Float32Array<ArrayBuffer>, y?: Float32Array<ArrayBuffer>): void {
    this.#x.write(x, first * elementCount(this.program.inputSample));
    if (y) this.#y?.write(y, first * elementCount(this.program.outputSample));
  }

  dispose(): void {
    this.#x.dispose();
    this.#y?.dispose();
    this.results?.dispose();
  }
}
