import type { Gpu } from '../../../runtime/gpu.ts';
import type { Shape } from '../../../runtime/shape.ts';
import { Tensor } from '../../../runtime/tensor.ts';
import { mapChannels, namesOf, type Channels, type Outputs } from '../../execution/channels.ts';
import type { NumberArray } from '../../../runtime/numbers.ts';
import type { BatchSource, SampleData } from '../engine/bound-program.ts';

/** Samples on the GPU. */
export class Dataset implements BatchSource {
  readonly inputs: Channels<Tensor>;
  readonly outputs?: Outputs<Tensor>;
  readonly #tensors: Tensor[] = [];

  /**
   * @param capacity how many samples it holds
   * @param inputs the shape of one sample in each channel
   * @param outputs the shape of one sample's predictions, if they are wanted
   * @param accepted settles when the device has accepted its memory
   * @throws LimitError if they are more than the device can hold; then nothing stays on it
   */
  constructor(
    gpu: Gpu,
    readonly capacity: number,
    inputs: Channels<Shape>,
    outputs?: Outputs<Shape>,
    readonly accepted?: Promise<void>,
  ) {
    const tensor = (shape: Shape, label: string): Tensor => {
      const made = Tensor.create(gpu, label, [capacity, ...shape]);
      this.#tensors.push(made);
      return made;
    };
    try {
      this.inputs = mapChannels(inputs, (shape, name) => tensor(shape, `samples: ${name}`));
      this.outputs = outputs && mapChannels(outputs, (shape, name) => tensor(shape, `predictions: ${name}`));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Uploads samples.
   *
   * @param count how many they are
   * @param outputs the shape of each prediction for one sample, if they are wanted
   * @throws LimitError if they are more than the device can hold
   */
  static of(
    gpu: Gpu,
    where: string,
    { count, channels }: { count: number; channels: Channels<NumberArray> },
    outputs?: Outputs<Shape>,
  ): Dataset {
    assertRoom(gpu, where, channels);
    for (const [name, shape] of Object.entries(outputs ?? {})) {
      Tensor.bytesOf(gpu, `${where}: the predicted ${name}`, [count, ...shape]);
    }
    const shapes = mapChannels(channels, ({ shape }) => shape.slice(1));
    const numbers = mapChannels(channels, ({ data }) => data);
    const upload = (accepted: Promise<void>) => {
      const dataset = new Dataset(gpu, count, shapes, outputs, accepted);
      dataset.write(0, numbers);
      return dataset;
    };
    return gpu.watch(`${where}: ${count} samples`, upload).result;
  }

  write(first: number, data: SampleData): void {
    for (const name of namesOf(this.inputs)) {
      const tensor = this.inputs[name]!;
      tensor.write(data[name]!, (first * tensor.size) / this.capacity);
    }
  }

  /** Reads the predictions for all samples; the data set must have outputs. */
  async readOutputs(): Promise<Outputs<NumberArray>> {
    const tensors = Object.entries(this.outputs!) as [string, Tensor][];
    const read = tensors.map(async ([name, tensor]) => [name, { shape: tensor.shape, data: await tensor.read() }]);
    return Object.fromEntries(await Promise.all(read)) as Outputs<NumberArray>;
  }

  get byteLength(): number {
    return this.#tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  dispose(): void {
    for (const tensor of this.#tensors) tensor.dispose();
  }
}

/** @throws LimitError, which names the call and the array, if the device cannot hold one of the arrays */
export function assertRoom(gpu: Gpu, where: string, channels: Channels<NumberArray>): void {
  for (const name of namesOf(channels)) Tensor.bytesOf(gpu, `${where}: ${name}`, channels[name]!.shape);
}
