import type { Piece } from '../../../runtime/readback.ts';
import { elementCount, type Shape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { mapChannels, namesOf, type Channels, type Outputs } from '../../execution/channels.ts';
import type { Program } from '../../execution/program.ts';
import type { NumberArray } from '../../../runtime/numbers.ts';
import type { BatchSource, SampleData } from '../engine/bound-program.ts';

/**
 * One batch to predict, written into the tensors that the program reads and read from those that it writes. No data set lies
 * between, since gathering a single step from one would take longer than the step.
 */
export class BatchInPlace implements BatchSource {
  /** It holds one batch, so the queue sends each in a submit of its own. */
  readonly capacity: number;
  /** It has no memory besides the program's. */
  readonly byteLength = 0;
  /** The pieces of memory that hold its outputs. */
  readonly pieces: readonly Piece[];
  readonly #inputs: Channels<Tensor>;
  readonly #outputs: Outputs<Tensor>;

  constructor({ rows, batch }: Program) {
    const { inputs, outputs } = batch!;
    this.capacity = rows;
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.pieces = Object.values(mapChannels(outputs, ({ piece }) => piece));
  }

  /** The tensor that takes the input, time-major. */
  get x(): Tensor {
    return this.#inputs.x;
  }

  /** The tensor that gets the output, time-major. */
  get output(): Tensor {
    return this.#outputs.output;
  }

  /** The outputs from the bytes of `pieces`, with rows before steps. */
  rowsFirst(pieces: readonly ArrayBuffer[]): Outputs<NumberArray> {
    let next = 0;
    return mapChannels(this.#outputs, ({ shape }) => {
      const data = new Float32Array(pieces[next++]);
      const [steps, rows, ...features] = shape;
      return features.length === 0
        ? { data, shape }
        : { data: swapped(data, shape), shape: [rows, steps, ...features] };
    });
  }

  write(_first: number, data: SampleData): void {
    // Initial states are the first rows of the tensors in which the program keeps those of all steps.
    for (const name of namesOf(data)) this.#inputs[name]!.write(data[name]!);
  }

  dispose(): void {}
}

/** Copies samples into time-major order, in which `write` takes them. */
export function stepsFirst(channels: Channels<NumberArray>): SampleData {
  return mapChannels(channels, ({ data, shape }) => swapped(data, shape));
}

/** A copy with the first two dimensions swapped if there are three, and as it is if there are two. */
function swapped(data: Float32Array<ArrayBuffer>, shape: Shape): Float32Array<ArrayBuffer> {
  const [outer, inner] = shape;
  if (shape.length < 3 || outer === 1 || inner === 1) return data.slice();
  const features = elementCount(shape) / (outer * inner);
  const result = new Float32Array(data.length);
  for (let n = 0; n < outer; n++) {
    for (let m = 0; m < inner; m++) {
      const from = (n * inner + m) * features;
      const to = (m * outer + n) * features;
      for (let k = 0; k < features; k++) result[to + k] = data[from + k];
    }
  }
  return result;
}
